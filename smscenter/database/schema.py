"""Check whether the database has the tables that this code expects."""

import sys
from contextlib import closing, suppress
from functools import cache
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Applied in every database that was created before the first release.
SQUASHED = ("leads", "0002_same_organization")
OUTDATED = (
    "This database was created before the first release and can't be upgraded. For the demo, run "
    "`make clean`, which deletes it. Otherwise, export your data and start with an empty database."
)
# `gunicorn.arbiter.Arbiter.APP_LOAD_ERROR`: gunicorn stops instead of starting another process.
GUNICORN_APP_LOAD_ERROR = 4


def pending_migrations() -> int:
    """Return how many migrations are missing. Raises DatabaseError if the database is down.

    A squashed migration is missing if the database has none of those that it replaces. If it has
    some, only the others are missing.
    """
    applied = MigrationRecorder(connection).applied_migrations().keys()
    return sum(
        1 if applied.isdisjoint(replaced) else len(replaced - applied) for replaced in _shipped()
    )


@cache
def _shipped() -> list[frozenset[tuple[str, str]]]:
    """Return what each migration replaces if it's a squashed one, or else itself."""
    nodes = MigrationLoader(None).graph.nodes
    return [frozenset(migration.replaces or [key]) for key, migration in nodes.items()]


def refuse_outdated(database: BaseDatabaseWrapper = connection, **_signal: Any) -> None:
    """Refuse a database that can't be migrated to this version. Also handles `pre_migrate`.

    Raises CommandError, or DatabaseError if the database is down.
    """
    if SQUASHED in MigrationRecorder(database).applied_migrations():
        raise CommandError(OUTDATED)


def exit_if_outdated() -> None:
    """Stop a web process if the database is outdated, but not if it's down: it will come back."""
    # A separate connection: requests run in other threads, which wouldn't use or close this one.
    with closing(connection.copy()) as database, suppress(DatabaseError):
        try:
            refuse_outdated(database)
        except CommandError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(GUNICORN_APP_LOAD_ERROR)

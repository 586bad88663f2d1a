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

# Every database from before the migrations were squashed has applied it.
SQUASHED = ("leads", "0002_same_organization")
OUTDATED = (
    "This database was created before the first release and can't be upgraded. For the demo, run "
    "`make clean`, which deletes it. Otherwise, export your data and start with an empty database."
)
# `gunicorn.arbiter.Arbiter.APP_LOAD_ERROR`: it stops, and starts no other process in its place.
GUNICORN_APP_LOAD_ERROR = 4


def pending_migrations() -> int:
    """Return how many migrations still have to run. Raises DatabaseError where nothing answers."""
    return len(_shipped() - MigrationRecorder(connection).applied_migrations().keys())


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def refuse_outdated(database: BaseDatabaseWrapper = connection, **_signal: Any) -> None:
    """Refuse a database that no migration leads from to this code. Receives `pre_migrate` too.

    Raises CommandError, or DatabaseError if the database is down.
    """
    if SQUASHED in MigrationRecorder(database).applied_migrations():
        raise CommandError(OUTDATED)


def exit_if_outdated() -> None:
    """Stop a web process. If the database is down, start: it comes back."""
    # Its own connection: threads serve the requests, so nobody would use or close this one.
    with closing(connection.copy()) as database, suppress(DatabaseError):
        try:
            refuse_outdated(database)
        except CommandError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(GUNICORN_APP_LOAD_ERROR)

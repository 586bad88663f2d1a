"""Check whether the database has the tables that this code expects."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def pending_migrations() -> int:
    """Return how many migrations still have to run. Raises DatabaseError where nothing answers."""
    return len(_shipped() - MigrationRecorder(connection).applied_migrations().keys())


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)

"""What the query planner knows of the rows: how many there are, how often a value occurs."""

from django.db import connection

# Rows that SQLite looks at in each index: enough for a good plan, and some milliseconds in all.
ANALYSIS_LIMIT = 400


def gather() -> None:
    """Have the database count its rows, as after a bulk load.

    PostgreSQL does so by itself within a minute or two. SQLite never does, so the worker asks it
    from time to time. Not by PRAGMA optimize: before SQLite 3.46 that leaves out all tables that
    the same connection has not searched, and a worker searches none.

    No search needs this to be fast enough: a test counts the steps without it.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        cursor.execute("ANALYZE")


def gather_on_sqlite() -> None:
    """Gather statistics where nothing else does."""
    if connection.vendor == "sqlite":
        gather()

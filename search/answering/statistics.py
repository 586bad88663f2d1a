"""Statistics of the query planner: the number of rows, and how often values occur."""

from django.db import connection

# Rows that SQLite reads per index: enough for good plans, and only milliseconds.
ANALYSIS_LIMIT = 400


def gather() -> None:
    """Run ANALYZE, as after a bulk load.

    PostgreSQL does it automatically within minutes. SQLite never does, so the worker runs this
    regularly. PRAGMA optimize isn't enough: before SQLite 3.46 it skips tables that the same
    connection hasn't searched, and a worker searches none.

    Searches are fast enough without statistics: a test counts their steps.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        cursor.execute("ANALYZE")


def gather_on_sqlite() -> None:
    """Gather statistics on SQLite, which never does it automatically."""
    if connection.vendor == "sqlite":
        gather()

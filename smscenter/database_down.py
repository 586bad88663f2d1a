"""Tell people, carriers, and the log that the database is down, not that a page is broken."""

import psycopg
from django.db import InterfaceError, OperationalError

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connections, and shutting down
LOST = ("08", "57P01", "57P02", "57P03")


def is_database_down(error: BaseException | None) -> bool:
    """Return whether there's no connection to PostgreSQL. Without one, errors have no SQLSTATE."""
    cause = getattr(error, "__cause__", None)
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(LOST)


def in_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())

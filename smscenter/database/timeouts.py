"""Keep pages from occupying the database longer than anyone waits for them.

Only web processes limit their statements, in `wsgi.py` and `asgi.py`. Commands and workers import
neither, so migrations, rollups, and long work of the worker are never cut off. Web processes and
workers can't stay idle in a transaction.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = structlog.get_logger(__name__)

# A frozen process must not lock rows that others wait for. Between two statements of a transaction,
# a page or a worker normally takes milliseconds.
IDLE_IN_TRANSACTION_SECONDS = 60
RETRY_SECONDS = 5
# https://www.postgresql.org/docs/current/errcodes-appendix.html
QUERY_CANCELED = "57014"


def limit_statements() -> None:
    """Set the statement timeout of this process on PostgreSQL. SQLite has none.

    A separate limit for locks isn't needed: waiting for them counts as part of the statement.
    """
    _limit(
        statement_timeout=settings.STATEMENT_TIMEOUT_SECONDS,
        idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_SECONDS,
    )


def limit_idle_transactions() -> None:
    """Make PostgreSQL release the rows of a worker that froze in a transaction."""
    _limit(idle_in_transaction_session_timeout=IDLE_IN_TRANSACTION_SECONDS)


def _limit(**seconds: int) -> None:
    calls = ", ".join(f"set_config('{name}', '{limit}s', false)" for name, limit in seconds.items())

    def set_limits(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {calls}")

    connection_created.connect(set_limits, weak=False, dispatch_uid="smscenter.database.timeouts")


def is_statement_timeout(error: BaseException) -> bool:
    """Return whether PostgreSQL stopped a statement because it took too long."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and sqlstate == QUERY_CANCELED


def too_slow() -> HttpResponse:
    """Return a page for what took too long. `errors.js` says the same for parts of pages."""
    return HttpResponse(
        render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)}
    )


class StatementTimeoutMiddleware:
    """Show a page for timeouts that the view didn't handle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_statement_timeout(error):
            return None
        log.error("statement_timeout", path=request.path, exc_info=error)
        return too_slow()

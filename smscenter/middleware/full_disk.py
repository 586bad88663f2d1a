"""Show people a page of its own when the database's disk is full: trying again doesn't help."""

import sqlite3
from collections.abc import Callable

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = structlog.get_logger(__name__)

# https://www.sqlite.org/rescode.html. A quota that's used up is an I/O error there.
ON_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
ON_POSTGRESQL = "53100"


def is_disk_full(error: BaseException) -> bool:
    """Return whether the database couldn't save a change because it has no room."""
    if not isinstance(error, OperationalError):
        return False
    # The low byte of SQLite's codes is what they have in common.
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return code in ON_SQLITE or getattr(error.__cause__, "sqlstate", "") == ON_POSTGRESQL


class FullDiskMiddleware:
    """Respond with a page that needs no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_disk_full(error):
            return None
        log.error("disk_full", path=request.path, exc_info=error)
        return HttpResponse(render_to_string("disk_full.html"), status=503)

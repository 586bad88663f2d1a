"""Show people a page when two requests saved the same thing at the same moment.

Forms look for what's there already, but neither request sees what the other one is about to save.
The database refuses the second. Nothing is lost, so that's no failure, but it's logged as one: who
saves alone must never get here.
"""

from collections.abc import Callable

import structlog
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = structlog.get_logger(__name__)

# https://www.postgresql.org/docs/current/errcodes-appendix.html
ON_POSTGRESQL, ON_SQLITE = "23505", "UNIQUE constraint failed"


def is_saved_already(error: Exception) -> bool:
    """Return whether the database has such a row, and there can be only one."""
    if not isinstance(error, IntegrityError):
        return False
    return getattr(error.__cause__, "sqlstate", "") == ON_POSTGRESQL or ON_SQLITE in str(error)


class SavedTwiceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_saved_already(error):
            return None
        log.error("saved_twice", path=request.path, exc_info=error)
        return render(request, "saved_twice.html", status=409)

"""Show people a page for NUL in a link or form: PostgreSQL has no such character.

Forms refuse it. Everything else that a view takes from a request, such as words to look for, fails
in the database, and isn't worth a look at each request before.
"""

from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

log = structlog.get_logger(__name__)


class NullCharacterMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        # psycopg raises it before the server sees the text, so there's no error code.
        if not (isinstance(error, DataError) and "NUL (0x00)" in str(error)):
            return None
        log.info("null_character", path=request.path)
        return bad_request(request, BadRequest())

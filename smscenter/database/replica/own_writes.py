"""Show people what they just changed, which the replica may not have yet.

After each request that can change something, the browser sends a cookie until the replica has it,
so all tabs and polls read from the primary. Without the cookie, nothing breaks: lists are as old as
everyone else's.
"""

from collections.abc import Callable
from math import ceil

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from smscenter.database.replica.state import HOLDS_SECONDS, is_configured

COOKIE = "wrote"
# With synchronous_commit off, a change is in the log this much later.
COMMIT_SECONDS = 1
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class OwnWritesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not is_configured():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE_METHODS:
            response.set_cookie(
                COOKIE,
                "1",
                max_age=ceil(settings.REPLICA_LAG_SECONDS + HOLDS_SECONDS + COMMIT_SECONDS),
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        return response

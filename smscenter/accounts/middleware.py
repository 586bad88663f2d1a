from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

from smscenter import moments


class TimeZoneMiddleware:
    """Show times in the reader's time zone. Staff also see the zone's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        named = request.user.organization_id is None
        with moments.reading_in(request.user.zone, named=named):
            return self.get_response(request)


class PartsOfPagesMiddleware:
    """Cache htmx fragments and pages of the same URL separately.

    Otherwise browser Back can show a fragment alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response


class PrivatePagesMiddleware:
    """Keep pages of signed-in users out of caches, or Back shows them after sign-out.

    Only public pages may be cached. This middleware comes before any that responds in place of a
    view, so that it also covers redirects and errors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _is_public(request, response):
            patch_cache_control(response, no_store=True, private=True)
        return response


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    if request.method not in {"GET", "HEAD"} or response.status_code != HTTPStatus.OK:
        return False
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return True
    return not (session.modified or request.user.is_authenticated)

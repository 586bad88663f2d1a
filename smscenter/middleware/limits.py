"""Limit the size of request bodies before reading them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])


def longest_body(size: int) -> Callable[[View], View]:
    """Let a page receive longer bodies than others. Put it above all other decorators."""

    def decorator(view: View) -> View:
        view.longest_body = size  # type: ignore[attr-defined]
        return view

    return decorator


class BodyLimitMiddleware:
    """Refuse requests whose Content-Length exceeds LONGEST_BODY, or the limit of the page.

    Django reads no more than Content-Length, so a wrong header doesn't help. This middleware comes
    before any that reads a form, because reading stores uploaded files on disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= settings.LONGEST_BODY:
            return self.get_response(request)
        longest = _longest(request.path_info)
        if int(length) <= longest:
            return self.get_response(request)
        return render(request, "413.html", {"most": filesizeformat(longest)}, status=413)


def _longest(path: str) -> int:
    try:
        view = resolve(path).func
    except Resolver404:
        return settings.LONGEST_BODY
    return getattr(view, "longest_body", settings.LONGEST_BODY)

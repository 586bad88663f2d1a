"""Limit the size of request bodies before reading them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat


class BodyLimitMiddleware:
    """Refuse requests whose Content-Length exceeds LONGEST_BODY.

    Django reads no more than Content-Length, so a wrong header doesn't help. This middleware comes
    before any that reads a form, because reading stores uploaded files on disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= settings.LONGEST_BODY:
            return self.get_response(request)
        most = filesizeformat(settings.LONGEST_BODY)
        return render(request, "413.html", {"most": most}, status=413)

"""How much a browser may send, decided before anything of it is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat


class BodyLimitMiddleware:
    """Refuse a body that is larger than LONGEST_BODY by what its header says.

    Django reads no more of a body than this header says, so a header that lies brings no more. It
    stands before all that looks into a form, because looking stores the files on disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= settings.LONGEST_BODY:
            return self.get_response(request)
        most = filesizeformat(settings.LONGEST_BODY)
        return render(request, "413.html", {"most": most}, status=413)

"""The webhooks that carriers call: verify, store, respond. The worker does the rest.

The response tells a carrier what to do next: 403 and 400 that this isn't a callback of theirs, 500
to call again, anything else that it was accepted. There's no redirect, because carriers follow it
without the body, or not at all, and the text would be lost.
"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging import carriers
from messaging.carriers import Callback, Carrier
from messaging.incoming import events
from messaging.models import CarrierEvent

# The kinds of callbacks, which the URLs pass to `receive`.
STATUS, INBOUND = {"kind": CarrierEvent.Kind.STATUS}, {"kind": CarrierEvent.Kind.INBOUND}

# Ten times the longest text in any encoding, with everything that carriers add.
LONGEST_BODY = 256 * 1024
# Raised for a body that Django or a carrier can't read: ValueError also for wrong encodings,
# LookupError for unknown ones.
UNREADABLE = (BadRequest, SuspiciousOperation, UnreadablePostError, ValueError, LookupError)


PATHS, URLS = "/webhooks/", "messaging.incoming.urls"


class WebhookMiddleware:
    """Respond to carriers before the middleware that follows, which is for people's browsers.

    Sessions, sign-in, CSRF protection, and the headers of pages would take longer than everything
    else that a callback needs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        try:
            view, args, kwargs = resolve(request.path_info, URLS)
        except Resolver404:
            return self.get_response(request)
        response: HttpResponse = view(request, *args, **kwargs)
        return response


class NotGenuineError(Exception):
    """The callback doesn't come from the carrier."""


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, carrier: str, kind: CarrierEvent.Kind) -> HttpResponse:
    """Store a carrier's callback."""
    try:
        adapter = carriers.get(carrier)
    except KeyError:
        return HttpResponse("Unknown carrier.", status=404)
    try:
        if _length(request) > LONGEST_BODY:
            return HttpResponse("Callback too large.", status=413)
        callbacks = _read(adapter, request, kind)
    except NotGenuineError:
        return HttpResponse(_why_not_genuine(request), status=403)
    except UNREADABLE:
        return HttpResponse("Unreadable callback.", status=400)
    events.store(carrier, kind, callbacks)
    if kind == CarrierEvent.Kind.INBOUND:
        events.process_keywords(carrier, callbacks)
    return adapter.answer()


def _length(request: HttpRequest) -> int:
    """Return the length of the body. Raises ValueError if the header isn't a number."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise ValueError("Content-Length isn't a number.")
    return int(length)


def _read(adapter: Carrier, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
    if not adapter.is_genuine(request):
        raise NotGenuineError
    return adapter.callbacks(request, kind)


def _why_not_genuine(request: HttpRequest) -> str:
    if request.is_secure():
        return "Invalid signature."
    return "Invalid signature. If the carrier called over HTTP, give it the HTTPS URL."

"""Where carriers call us: verify, store, answer, apply.

The answers tell a carrier what to do next: 403 and 400 that this is no callback of theirs, 500 that
they should call again, anything else that they may forget it. No redirect: carriers follow it
without the body, or not at all, and the text is lost.
"""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging import carriers
from messaging.carriers import Callback, Carrier
from messaging.incoming import events
from messaging.models import CarrierEvent

# What the URLs of `receive` pass on.
STATUS, INBOUND = {"kind": CarrierEvent.Kind.STATUS}, {"kind": CarrierEvent.Kind.INBOUND}

# The longest text in every encoding, with all that carriers write around it, is a tenth of this.
LONGEST_BODY = 256 * 1024
# What a body raises that Django or a carrier cannot read: ValueError is also that of an encoding,
# LookupError that of an encoding that is none.
UNREADABLE = (BadRequest, SuspiciousOperation, UnreadablePostError, ValueError, LookupError)


class NotGenuineError(Exception):
    """The callback does not come from the carrier."""


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, carrier: str, kind: CarrierEvent.Kind) -> HttpResponse:
    try:
        sender = carriers.get(carrier)
    except KeyError as error:
        raise Http404 from error
    try:
        if _length(request) > LONGEST_BODY:
            return HttpResponse("Too long for a callback.", status=413)
        callbacks = _read(sender, request, kind)
    except NotGenuineError:
        return HttpResponse(_why_not_genuine(request), status=403)
    except UNREADABLE:
        return HttpResponse("This cannot be read.", status=400)
    for event in events.store(carrier, kind, callbacks):
        events.apply_or_wait(event)
    return sender.answer()


def _length(request: HttpRequest) -> int:
    """Raises ValueError for a length that isn't one."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise ValueError("Content-Length isn't a number.")
    return int(length)


def _read(sender: Carrier, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
    if not sender.is_genuine(request):
        raise NotGenuineError
    return sender.callbacks(request, kind)


def _why_not_genuine(request: HttpRequest) -> str:
    if request.is_secure():
        return "The signature is wrong."
    return "The signature is wrong. If the carrier called over http, give it the https address."

"""Where carriers call us: verify, store, answer, apply.

The answers tell a carrier what to do next: 403 and 400 that this is no callback of theirs, 500 that
they should call again, anything else that they may forget it.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging import carriers, receiving
from messaging.models import CarrierEvent

# The longest text in every encoding, with all that carriers write around it, is a tenth of this.
LONGEST_BODY = 256 * 1024


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, carrier: str, kind: CarrierEvent.Kind) -> HttpResponse:
    try:
        sender = carriers.get(carrier)
    except KeyError as error:
        raise Http404 from error
    if int(request.headers.get("Content-Length") or 0) > LONGEST_BODY:
        return HttpResponse("Too long for a callback.", status=413)
    if not sender.is_genuine(request):
        return HttpResponse("The signature is wrong.", status=403)
    try:
        callbacks = sender.callbacks(request, kind)
    except ValueError:
        return HttpResponse("This cannot be read.", status=400)
    for event in receiving.store(carrier, kind, callbacks):
        receiving.apply_or_wait(event)
    return sender.answer()

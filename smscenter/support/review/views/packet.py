from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from smscenter.support.models import Mail, SupportRequest
from smscenter.support.review.actions import mail_carrier
from smscenter.support.review.forms import CarrierMailForm, carrier_address
from smscenter.support.review.http import ReviewRequest, run_action, submitted_request
from smscenter.support.review.packet import Packet, packet_of


def render_pdf(packet: Packet) -> bytes:
    """Return the packet as a PDF. Its library and fonts load here: no other page needs them."""
    from smscenter.support.review import pdf

    return pdf.render(packet)


FORMATS: dict[str, tuple[str, Callable[[Packet], str | bytes]]] = {
    "txt": ("text/plain; charset=utf-8", Packet.as_text),
    "csv": ("text/csv; charset=utf-8", Packet.as_csv),
    "pdf": ("application/pdf", render_pdf),
}


@submitted_request(SupportRequest.objects.for_review)
@require_safe
def review_packet(
    _request: ReviewRequest, support_request: SupportRequest, ending: str
) -> HttpResponse:
    """Download the packet in one of the FORMATS."""
    if ending not in FORMATS or support_request.kind != SupportRequest.Kind.WHITELIST:
        raise Http404
    content_type, render = FORMATS[ending]
    packet = packet_of(support_request)
    return HttpResponse(
        render(packet),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{packet.name}.{ending}"',
            "Cache-Control": "private, no-store",
        },
    )


@submitted_request(SupportRequest.objects.for_review)
@require_POST
def review_mail(request: ReviewRequest, support_request: SupportRequest) -> HttpResponse:
    """Mail the edited packet to the carrier. The history keeps it as sent."""
    to = carrier_address(support_request)
    form = CarrierMailForm(request.POST, packet=packet_of(support_request))
    if not to or not form.is_valid():
        messages.error(request, "Email not sent: the carrier's address or the text is missing.")
        return redirect("review_detail", support_request.pk)
    send = partial(mail_carrier, support_request, request.user, Mail(to=to, **form.cleaned_data))
    return run_action(request, support_request, send, f"Sending the email to {to}.")

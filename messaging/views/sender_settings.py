"""Pages on which managers set up sender numbers."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from leads import phones
from messaging.composing.senders.form import MemberSenderForm
from messaging.models import SenderNumber, SmsMessage
from messaging.models.permissions import MANAGE_SENDERS
from messaging.outgoing import trying
from messaging.outgoing.outbox import Refused
from smscenter.accounts.http import MemberRequest, member_required, visible

managers_only = permission_required(MANAGE_SENDERS, raise_exception=True)
WAITING = (SmsMessage.Status.SCHEDULED, SmsMessage.Status.OUTBOX)


@member_required
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def sender_new(request: MemberRequest) -> HttpResponse:
    if not settings.MANAGERS_ADD_SENDERS:
        raise PermissionDenied
    return _edited(request, SenderNumber(organization=request.organization))


@visible(SenderNumber.objects.own)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def sender_edit(request: MemberRequest, sender: SenderNumber) -> HttpResponse:
    return _edited(request, sender)


def _edited(request: MemberRequest, sender: SenderNumber) -> HttpResponse:
    form = MemberSenderForm(request.POST or None, instance=sender, user=request.user)
    if form.is_valid():
        messages.success(request, f"Saved {form.save()}.")
        return redirect(sender)
    status = 422 if form.is_bound else 200
    context = {"form": form, "sender": sender}
    return render(request, "messaging/settings/sender_form.html", context, status=status)


@visible(SenderNumber.objects.own)
@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def sender_switch(request: MemberRequest, sender: SenderNumber) -> HttpResponse:
    """Turn a number on or off. Before it's turned off, say what happens to waiting texts."""
    if request.method == "POST":
        sender.active = request.POST.get("to") == "on"
        sender.save(update_fields=["active"])
        state = "on" if sender.active else "off"
        messages.success(request, f"Turned {state} {sender}.")
        return redirect(sender)
    texts = SmsMessage.objects.visible_to(request.user).filter(sender=sender, status__in=WAITING)
    context = {"sender": sender, "waiting": texts.count()}
    return render(request, "messaging/settings/sender_switch.html", context)


@visible(SenderNumber.objects.all)
@managers_only
@require_POST
def sender_test(request: MemberRequest, sender: SenderNumber) -> HttpResponse:
    """Send a test text to the person's own phone, and show what becomes of it."""
    try:
        phone = phones.parse(request.POST.get("phone", ""))
        text = trying.send_to_self(request.user, sender, phone)
    except (phones.PhoneNumberError, Refused) as error:
        problem = error.verdicts[0].message if isinstance(error, Refused) else str(error)
        messages.error(request, f"Can't send: {problem}")
        return redirect(sender)
    return redirect(text.lead)


@member_required
@require_POST
def sample_failures(request: MemberRequest) -> HttpResponse:
    """Open a lead with numbers to which texts fail in known ways."""
    lead = trying.sample_failures(request.user)
    if lead is None:
        raise Http404
    return redirect(lead)

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from leads import timeline
from messaging.composing import preflight, quiet_hours
from messaging.composing.verdicts import Verdict
from messaging.incoming.notifications import REPLY
from messaging.models import Attempt, Consent, Recipient, SmsMessage
from messaging.outgoing import outbox
from messaging.outgoing.notifications import FAILURE
from smscenter import moments
from smscenter.accounts.http import MemberRequest, visible
from smscenter.notifications.models import Notification
from smscenter.own_urls import own_url


@visible(SmsMessage.objects.for_page)
@require_GET
def message_detail(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Show everything about one text: its attempts, the carrier's reports, and consent."""
    consents = Consent.objects.by_phone(request.organization, [message.remote_phone])
    own = Notification.objects.visible_to(request.user).filter(subject=message.pk)
    own.filter(kind__in=[REPLY, FAILURE]).mark_read()
    context = {"message": message, "consent": consents.get(message.remote_phone)}
    return render(request, "messaging/message_detail.html", context)


@visible(SmsMessage.objects.for_page)
@require_POST
def message_try_again(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Resend a failed text now, or with `when=morning` at 8 AM where the recipient is."""
    refusals: list[Verdict] = []
    is_later = request.POST.get("when") == "morning"
    due = quiet_hours.next_opening(message.number, timezone.now()) if is_later else None
    try:
        attempt = outbox.resend(message, request.user, due=due)
        if not is_later and attempt.due > timezone.now():
            refusals = preflight.held(message.number, attempt.due)
    except outbox.Refused as refused:
        refusals = refused.verdicts
    except outbox.NotFailedError:
        # It was resent in the meantime. The timeline shows that, but not the page they came from.
        if not request.htmx:
            messages.info(request, "This text was resent already.")
    else:
        if not request.htmx and not refusals:
            when = f" {moments.upcoming(attempt.due)}" if is_later else ""
            messages.success(request, f"Resending to {message.number.formatted}{when}.")
    return respond_with(request, message, refusals)


@visible(SmsMessage.objects.for_page)
@require_POST
def retry_cancel(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Cancel an automatic retry, so that the text stays failed."""
    was_waiting = outbox.cancel_retry(message, request.user)
    if not request.htmx:
        if was_waiting:
            messages.success(request, "Retry canceled.")
        else:
            messages.info(request, "No retry to cancel. It already started or was canceled.")
    return respond_with(request, message, [])


@visible(lambda: Attempt.objects.select_related("message__lead__organization"))
@require_POST
def attempt_settle(request: MemberRequest, attempt: Attempt) -> HttpResponse:
    """Record whether an uncertain attempt was sent, as a person reports it."""
    outbox.settle(attempt, request.user, sent=request.POST.get("sent") == "yes")
    return respond_with(request, attempt.message, [])


@visible(lambda: Recipient.objects.select_related("organization"))
@require_POST
def recipient_allow(request: MemberRequest, recipient: Recipient) -> HttpResponse:
    """Mark a number as textable although a carrier reported otherwise."""
    recipient.allow(request.user, request.POST.get("note", "").strip())
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "recipients-changed")
    return redirect(own_url(request, request.POST.get("next", ""), "home"))


def page_after(request: MemberRequest, message: SmsMessage) -> str:
    """Return the page that the person came from, such as the home page, or the lead's."""
    came_from = request.POST.get("next") or request.GET.get("next", "")
    lead_page = f"{message.lead.get_absolute_url()}#message-{message.pk}"
    return own_url(request, came_from, lead_page)


def respond_with(
    request: MemberRequest, message: SmsMessage, refusals: list[Verdict], **more: Any
) -> HttpResponse:
    """Return the text's current timeline entry, with the reasons if it wasn't resent.

    It gets the focus: the button that was pressed is gone. `more` is the context of a `toast`.
    """
    if not request.htmx:
        for verdict in refusals:
            messages.error(request, verdict.message)
        return redirect(page_after(request, message))
    shown = timeline.named(message.lead, {f"message-{message.pk}"})
    context = {"lead": message.lead, "shown": shown, "refusals": refusals, "focused": True}
    template = "messaging/_activity_and_toast.html" if "toast" in more else "leads/_activity.html"
    response = render(request, template, context | more)
    # After settle, because an open page polls what it shows as pending.
    return trigger_client_event(response, "timeline-changed", after="settle")

"""Edit, send, or cancel scheduled texts."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from leads.models import Lead
from messaging.composing import preflight, send_times
from messaging.composing.composer import LONGEST_TEXT
from messaging.composing.verdicts import Level, Verdict
from messaging.models import SmsMessage
from messaging.outgoing import outbox, schedule
from messaging.views.messages import respond_with
from smscenter import undo
from smscenter.accounts.http import MemberRequest, visible
from smscenter.accounts.models import User

STARTED = "It's too late to change this text: it's being sent, or it was canceled."


class ScheduledForm(forms.Form):
    text = forms.CharField(
        strip=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    send_at = send_times.LocalTimeField(label="Date and time")

    def __init__(self, data: object, message: SmsMessage) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or nothing
        self.auto_id = "sms_%s"
        self.fields["send_at"].help_text = send_times.clock_shown(message.number)
        self.initial["text"] = message.text
        self.fields["text"].required = not message.picture
        if message.scheduled:
            self.initial["send_at"] = send_times.local_time(message.scheduled, message.number)


@visible(SmsMessage.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def scheduled_edit(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    if message.status != SmsMessage.Status.SCHEDULED:
        return _refuse_started(request, message)
    form = ScheduledForm(request.POST if request.method == "POST" else None, message)
    if not form.is_bound:
        return _show(request, message, form, preflight.check_stored(message, due=message.scheduled))
    if not form.is_valid():
        return _show(request, message, form, [])
    due = send_times.resolve(form.cleaned_data["send_at"], message.number)
    try:
        schedule.edit(message, request.user, text=form.cleaned_data["text"], due=due)
    except outbox.Refused as refused:
        return _show(request, message, form, refused.verdicts)
    except schedule.StartedError:
        return _refuse_started(request, message)
    message.refresh_from_db(fields=["scheduled"])  # It may be held during quiet hours.
    when = send_times.shown(message.scheduled or due, message.number)
    messages.success(request, f"Text rescheduled: sends {when}.")
    return redirect(f"{message.lead.get_absolute_url()}#message-{message.pk}")


@visible(SmsMessage.objects.for_page)
@require_POST
def scheduled_send(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    return _change(request, message, schedule.send_now)


@visible(SmsMessage.objects.for_page)
@require_POST
def scheduled_cancel(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Cancel a scheduled text, or one that waits to be sent."""
    if message.status not in {SmsMessage.Status.SCHEDULED, SmsMessage.Status.OUTBOX}:
        return _refuse_started(request, message)
    cancellation = schedule.cancellation(message)
    try:
        schedule.cancel(message, request.user)
    except schedule.StartedError:
        return _refuse_started(request, message)
    return _canceled(request, message.lead, cancellation)


def _canceled(
    request: MemberRequest, lead: Lead, cancellation: dict[str, Any] | None
) -> HttpResponse:
    text, response = "Text canceled.", HttpResponse()
    if cancellation:
        offer = undo.offer(request, text, "cancellation", cancellation)
        if not request.htmx:
            undo.notify(request, offer)
            return redirect(lead)
        response = render(request, "_undo_toast.html", {"undo": offer})
    elif not request.htmx:
        messages.success(request, text)
        return redirect(lead)
    return trigger_client_event(response, "timeline-changed", after="settle")


def _change(
    request: MemberRequest, message: SmsMessage, change: Callable[[SmsMessage, User], None]
) -> HttpResponse:
    try:
        change(message, request.user)
    except outbox.Refused as refused:
        return respond_with(request, message, refused.verdicts)
    except schedule.StartedError:
        return _refuse_started(request, message)
    return respond_with(request, message, [])


def _refuse_started(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Say that it's too late, next to the text if it's still there."""
    if not SmsMessage.objects.visible_to(request.user).filter(pk=message.pk).exists():
        if request.htmx:
            return trigger_client_event(HttpResponse(), "timeline-changed", after="settle")
        messages.error(request, STARTED)
        return redirect(message.lead)
    started = Verdict(Level.WARNING, "started", STARTED, None)
    return respond_with(request, message, [started])


def _show(
    request: MemberRequest, message: SmsMessage, form: ScheduledForm, verdicts: list[Verdict]
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"message": message, "form": form, "verdicts": verdicts}
    return render(request, "messaging/scheduled_edit.html", context, status=status)

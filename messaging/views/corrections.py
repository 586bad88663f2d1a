"""Correct a failed text and resend it, undo that, or mark a failure as handled."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from messaging.composing import correction
from messaging.composing.composer import undo_of
from messaging.composing.correction import CorrectionForm
from messaging.composing.verdicts import Verdict
from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Step
from messaging.outgoing import corrections, notifications, outbox, schedule
from messaging.views.messages import page_after, respond_with
from smscenter import undo
from smscenter.accounts.http import MemberRequest, visible


@visible(SmsMessage.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def message_correct(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Resend a failed text with corrections: from its label, or on a page of its own."""
    step = request.GET.get("step", "")
    step = step if step in Step.values else ""
    form = _form(request, message, step)
    if not message.failed:
        return respond_with(request, message, [])
    if not form.is_bound:
        return _page(request, message, form, step, [])
    if not form.is_valid() or (sender := form.chosen_sender) is None:
        return _again(request, message, form, step, [])
    data = form.cleaned_data
    try:
        new = corrections.resend(
            message,
            request.user,
            to=data["phone"],
            text=data["text"],
            sender=sender,
            form_token=form.key,
            again=data["again"],
            updates_contact=data.get("updates_contact", False),
        )
    except outbox.Refused as refused:
        return _again(request, message, form, step, refused.verdicts)
    except outbox.NotFailedError:
        return respond_with(request, message, [])
    return _resent(request, message, new)


def _form(request: MemberRequest, message: SmsMessage, step: str = "") -> CorrectionForm:
    """Ask only for what the step changes, but for everything if that wasn't enough."""
    senders = SenderNumber.objects.usable_by(request.user)
    if request.method == "POST":
        return CorrectionForm(request.POST, message=message, senders=senders)
    return CorrectionForm(None, message=message, senders=senders, step=step)


def _resent(request: MemberRequest, message: SmsMessage, new: SmsMessage) -> HttpResponse:
    can_undo = undo_of(new)
    if not request.htmx:
        text = f"Resending to {new.number.formatted}."
        if can_undo:
            undo.notify(request, undo.offer(request, text, "correction", {"text": new.pk}))
        else:
            messages.success(request, text)
        return redirect(page_after(request, new))
    response = respond_with(
        request, message, [], toast="messaging/_resent.html", new=new, undo=can_undo
    )
    return _with_contacts(response)


def _with_contacts(response: HttpResponse) -> HttpResponse:
    """Reload the contacts and the composer's recipients: the number may have changed."""
    for event in ("contacts-changed", "recipients-changed"):
        trigger_client_event(response, event, after="settle")
    return response


def _again(
    request: MemberRequest,
    message: SmsMessage,
    form: CorrectionForm,
    step: str,
    verdicts: list[Verdict],
) -> HttpResponse:
    """Show the form with the reasons why the text wasn't sent."""
    if not request.htmx:
        return _page(request, message, form, step, verdicts)
    context = {"row": message, "correction": form, "step": step, "verdicts": verdicts}
    response = render(request, "messaging/_correction.html", context, status=422)
    response["HX-Retarget"] = f"#correct-{message.pk}"
    return response


def _page(
    request: MemberRequest,
    message: SmsMessage,
    form: CorrectionForm,
    step: str,
    verdicts: list[Verdict],
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {
        "message": message,
        "form": form,
        "step": Step(step or Step.CORRECT_NUMBER),
        "back": page_after(request, message),
        "verdicts": verdicts,
    }
    return render(request, "messaging/message_correct.html", context, status=status)


@visible(SmsMessage.objects.for_page)
@require_POST
def message_correct_check(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Show what's known about the number and the text while they are being typed."""
    form = _form(request, message)
    context = {"row": message, "checked": correction.check(message, form)}
    return render(request, "messaging/_correction_check.html", context)


@visible(lambda: SmsMessage.objects.for_page().select_related("replaces__contact"))
@require_POST
def message_correct_undo(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Undo a correction right after it was sent: `message` is the new text."""
    old = message.replaces or message
    try:
        corrections.undo(message, request.user)
    except schedule.StartedError:
        notice = "Too late to undo: this text is being sent."
    else:
        notice = "Text not sent."
    if not request.htmx:
        messages.info(request, notice)
    toast = "messaging/_toast_notice.html"
    response = respond_with(request, old, [], toast=toast, notice=notice)
    return _with_contacts(response)


@visible(SmsMessage.objects.for_page)
@require_POST
def message_handle(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Mark a failed text as handled, so that it no longer needs attention, or reopen it."""
    is_handled = request.POST.get("handled") != "no"
    if message.failed:
        message.mark_handled(request.user if is_handled else None)
        if is_handled:
            notifications.settle([message.pk])
            if not request.htmx:
                undo.notify(
                    request,
                    undo.offer(request, "Marked as handled.", "handled", {"text": message.pk}),
                )
            return respond_with(
                request, message, [], toast="messaging/_handled_toast.html", row=message
            )
        return respond_with(request, message, [], toast="messaging/_no_toast.html")
    return respond_with(request, message, [])

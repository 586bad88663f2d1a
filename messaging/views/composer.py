from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from leads.models import Lead
from leads.views.lead import with_page
from messaging.composing import pictures, templates
from messaging.composing.composer import (
    Check,
    ComposerForm,
    beginning_with,
    check_of,
    composer,
    replying_to,
    undo_of,
)
from messaging.composing.templates import Writing
from messaging.models import SmsMessage, Thread
from messaging.outgoing import outbox, schedule
from smscenter.accounts.http import MemberRequest, visible
from smscenter.wording import quote


@visible(Lead.objects.for_page)
@require_POST
def message_check(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show segments, warnings, and refusals while a text is being typed."""
    form = ComposerForm(request.POST, request=request, lead=lead)
    check = check_of(form, lead) if form.is_valid() else None
    return render(request, "messaging/_check.html", {"panel": {"form": form, "check": check}})


@visible(Lead.objects.for_page)
@require_POST
def message_composer(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show the composer with the typed text after the lead's contacts changed."""
    panel = composer(request, lead, request.POST.dict())
    return render(request, "messaging/_composer.html", {"lead": lead, "panel": panel})


@visible(Lead.objects.for_page)
@require_POST
def message_template(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Insert the chosen template into the composer, after what was typed."""
    initial = request.POST.dict()
    form = ComposerForm(request.POST, request=request, lead=lead)
    form.is_valid()  # The text may still be empty.
    template, to = form.cleaned_data.get("template"), form.cleaned_data.get("to")
    if template is None:
        return _show(request, lead, composer(request, lead, initial))
    writing = Writing(lead, request.user, to and to.contact)
    try:
        text = templates.render(template, writing)
    except templates.TemplateError as error:
        problem = f"Can't insert {quote(template.name)}: {error}"
        return _show(request, lead, {**composer(request, lead, initial), "problem": problem})
    typed = initial.get("text", "")
    initial["text"] = f"{typed.rstrip()}\n{text}" if typed.strip() else text
    initial["inserted"] = str(template.pk)
    initial["template"] = ""
    return _show(request, lead, composer(request, lead, initial))


@visible(Lead.objects.for_page)
@require_POST
def message_picture(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Attach the chosen picture to the text being written, or remove it."""
    initial, problem = request.POST.dict(), ""
    upload = request.FILES.get("picture_file")
    if "remove_picture" in initial:
        initial["picture"] = ""
    elif upload is None:
        problem = "Choose a picture first."
    else:
        try:
            picture = pictures.attach(upload, request.user, request.organization)
            initial["picture"] = str(picture.pk)
        except pictures.PictureError as error:
            problem = str(error)
    return _show(request, lead, {**composer(request, lead, initial), "problem": problem})


@visible(Lead.objects.for_page)
@require_POST
def message_new(request: MemberRequest, lead: Lead) -> HttpResponse:
    form = ComposerForm(request.POST, request=request, lead=lead)
    if not form.is_valid():
        return _again(request, lead, form, None)
    text, to = form.cleaned_data["text"], form.cleaned_data["to"]
    try:
        message = outbox.check_and_queue(
            user=request.user,
            lead=lead,
            contact=to.contact,
            sender=form.cleaned_data["sender"],
            to=to.phone,
            text=text,
            form_token=form.key,
            plain=form.cleaned_data["plain"],
            again=form.cleaned_data["again"],
            latest=form.cleaned_data["latest"],
            template=form.cleaned_data["inserted"],
            picture=form.cleaned_data["picture"],
            due=form.due,
            delay=timedelta(seconds=settings.SEND_UNDO_SECONDS),
        )
    except outbox.Refused as refusal:
        check = check_of(form, lead)
        check = check and replace(check, verdicts=refusal.verdicts)
        return _again(request, lead, form, check, refusal.status)
    undo = undo_of(message)
    if not request.htmx:
        page = _page_of(request, lead)
        return redirect(f"{page.get_absolute_url()}?sent={message.pk}" if undo else page)
    # The next text probably has the same recipient and sender number.
    initial = {name: request.POST.get(name) for name in ("to", "sender")}
    return _changed(request, lead, {**composer(request, lead, initial), "undo": undo})


def _page_of(request: MemberRequest, lead: Lead) -> Lead | Thread:
    """Return what the composer was on: the lead's page, or its thread in the inbox."""
    threads = Thread.objects.visible_to(request.user).filter(lead=lead)
    return ("is_reply" in request.POST and threads.first()) or lead


@visible(Lead.objects.all)
@require_http_methods(["GET", "HEAD", "POST"])
def message_replying(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show which colleague is writing to the lead. A POST records that the user is."""
    if request.method == "POST":
        Thread.objects.note_replying(lead, request.user)
    replying = replying_to(lead, request.user)
    return render(request, "messaging/_replying.html", {"replying": replying})


@visible(SmsMessage.objects.for_page)
@require_POST
def message_undo(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Cancel a text right after Send, and put it back into the composer."""
    initial = request.POST.dict()
    try:
        with transaction.atomic():
            pictures.take_back(message, request.user)
            schedule.cancel(message, request.user)
    except schedule.StartedError:
        notice = "Too late to undo: this text is being sent."
    else:
        notice = "Text not sent."
        texts = [message.text, request.POST.get("text", "")]
        initial |= beginning_with(message) | {"text": "\n\n".join(filter(str.strip, texts))}
    lead = message.lead
    return _changed(request, lead, {**composer(request, lead, initial), "notice": notice})


def _changed(request: MemberRequest, lead: Lead, panel: Mapping[str, Any]) -> HttpResponse:
    """Show the composer, and the changed timeline."""
    response = _show(request, lead, panel)
    return trigger_client_event(response, "timeline-changed", after="settle")


def _show(request: MemberRequest, lead: Lead, panel: Mapping[str, Any]) -> HttpResponse:
    """Show the composer with the focus in the text, or the whole page without JavaScript."""
    panel["form"].fields["text"].widget.attrs["autofocus"] = True
    if not request.htmx:
        page = with_page(request, lead)
        page["panels"]["messaging/_composer.html"] = panel
        return render(request, "leads/lead_detail.html", page)
    return render(request, "messaging/_composer.html", {"lead": lead, "panel": panel})


def _again(
    request: MemberRequest,
    lead: Lead,
    form: ComposerForm,
    check: Check | None,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """Show the composer with the reasons why the text wasn't sent."""
    if offer := form.data.get("offer"):
        # An offered time stays chosen for the next click.
        form.data = {**request.POST.dict(), "send_at": offer}
    panel = {"form": form, "check": check}
    if "text" not in form.errors:
        form.fields["text"].widget.attrs["autofocus"] = True
    if request.htmx:
        context = {"lead": lead, "panel": panel}
        return render(request, "messaging/_composer.html", context, status=status)
    page = with_page(request, lead)
    page["panels"]["messaging/_composer.html"] = panel
    return render(request, "leads/lead_detail.html", page, status=status)

"""Edit, send, or cancel a text that no worker has taken yet.

Each change deletes the text's attempt under its lock, and adds another one. A worker that found the
old one then can't claim it, and can't send an old text or at an old time.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from leads.models import DeletedLead, Erasure, Lead
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter import undo
from smscenter.accounts.models import Organization, User

log = structlog.get_logger(__name__)

# How long after a deletion a text may still be queued by someone who had the page open.
RACE = timedelta(minutes=10)
# Of organizations that are going to be deleted, in one run.
MOST_LEADS = 100


class StartedError(Exception):
    """A worker took the text, or someone canceled it."""


def edit(message: SmsMessage, user: User, *, text: str, due: datetime) -> None:
    """Change a scheduled text and its time. Raises Refused and StartedError."""
    plain = message.sent_text != message.text
    fields = outbox.text_fields(text, plain=plain, picture=message.picture is not None)
    _replace(message, fields["sent_text"], due, status=SmsMessage.Status.SCHEDULED, **fields)
    log.info("text_rescheduled", message=message.pk, user=user.pk)


def send_now(message: SmsMessage, user: User) -> None:
    """Send a scheduled text now. Raises Refused and StartedError."""
    text = message.sent_text or message.text
    _replace(message, text, None, status=SmsMessage.Status.OUTBOX)
    log.info("text_sent_early", message=message.pk, user=user.pk)


def cancel(message: SmsMessage, user: User) -> None:
    """Delete a text that's waiting for its first attempt. Raises StartedError."""
    with transaction.atomic():
        _take(message)
        SmsMessage.objects.filter(pk=message.pk).delete()
    log.info("text_canceled", message=message.pk, user=user.pk)


def withdraw(lead: Lead) -> None:
    """Turn a deleted lead's texts that wait to be sent into drafts, and cancel its retries.

    A restored lead sends none of them by itself.
    """
    waiting = SmsMessage.objects.filter(
        lead=lead, status__in=[SmsMessage.Status.SCHEDULED, SmsMessage.Status.OUTBOX]
    )
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            if Attempt.objects.filter(message=pk, number=1, started=None).cancel():
                SmsMessage.objects.filter(pk=pk).update(
                    status=SmsMessage.Status.DRAFT, scheduled=None, updated=timezone.now()
                )
                log.info("text_withdrawn", message=pk, lead=lead.pk)
    retries = Attempt.objects.filter(
        message__lead=lead, number__gt=1, state=Attempt.State.QUEUED, started=None
    )
    for message in SmsMessage.objects.filter(pk__in=retries.values("message")):
        outbox.cancel_retry(message, None)


def withdraw_deleted() -> None:
    """Withdraw what was queued at the moment when someone deleted its lead."""
    deleted = DeletedLead.objects.filter(merge=None, created__gt=timezone.now() - RACE)
    waiting = Attempt.objects.filter(message__lead__in=deleted.values("lead"), started=None)
    waiting = waiting.filter(state=Attempt.State.QUEUED)
    for lead in Lead.objects.filter(pk__in=waiting.values("message__lead")):
        withdraw(lead)


def withdraw_closing() -> None:
    """Withdraw texts of organizations that are going to be deleted, some in each run."""
    waiting = Attempt.objects.filter(state=Attempt.State.QUEUED, started=None)
    waiting = waiting.filter(organization__in=Organization.objects.being_deleted().values("pk"))
    leads = waiting.order_by().values_list("message__lead", flat=True).distinct()[:MOST_LEADS]
    for lead in Lead.objects.filter(pk__in=list(leads)):
        withdraw(lead)


def cancellation(message: SmsMessage) -> dict[str, Any] | None:
    """Return what schedules a text again that's about to be canceled, or None if nothing can."""
    if message.status != SmsMessage.Status.SCHEDULED or message.scheduled is None:
        return None
    if message.picture:  # Its file goes with the text.
        return None
    return {
        "lead": message.lead_id,
        "contact": message.contact_id,
        "sender": message.sender_id,
        "to": message.remote_phone,
        "text": message.text,
        "plain": message.sent_text != message.text,
        "due": message.scheduled.isoformat(),
        "form_token": str(uuid.uuid4()),
    }


def schedule_again(user: User, data: dict[str, Any]) -> str:
    """Schedule a canceled text again. Raises UndoError if something forbids it by now."""
    lead = Lead.objects.visible_to(user).filter(pk=data["lead"]).first()
    sender = SenderNumber.objects.usable_by(user).filter(pk=data["sender"]).first()
    due = datetime.fromisoformat(data["due"])
    is_erased = lead is not None and Erasure.objects.of_lead(lead.pk).exists()
    if lead is None or is_erased or sender is None or due <= timezone.now():
        raise undo.UndoError(undo.TOO_LATE)
    try:
        outbox.check_and_queue(
            user=user,
            lead=lead,
            contact=lead.contacts.filter(pk=data["contact"]).first(),
            sender=sender,
            to=data["to"],
            text=data["text"],
            plain=data["plain"],
            due=due,
            form_token=uuid.UUID(data["form_token"]),
            again=True,
        )
    except outbox.Refused as refused:
        raise undo.UndoError(refused.verdicts[0].message) from refused
    return "Text scheduled again."


def _replace(message: SmsMessage, checked: str, due: datetime | None, **fields: object) -> None:
    sender = outbox.check(
        message.lead,
        message.sender,
        message.remote_phone,
        checked,
        due=due,
        picture=message.picture,
    )
    now = timezone.now()
    due = outbox.hold(message.lead.organization, message.remote_phone, due)
    if due is not None:
        fields["status"] = SmsMessage.Status.SCHEDULED
    with transaction.atomic():
        _take(message)
        rows = SmsMessage.objects.filter(pk=message.pk, status=SmsMessage.Status.SCHEDULED)
        if not rows.update(scheduled=due or now, updated=now, **fields):
            raise StartedError
        outbox.add_attempt(message, sender, 1, due or now)


def _take(message: SmsMessage) -> None:
    """Delete the first attempt, unless a worker took it. Workers lock attempts first, too."""
    rows = Attempt.objects.filter(message=message.pk, number=1, started=None)
    if rows.cancel() is None:
        raise StartedError

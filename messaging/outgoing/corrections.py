"""Send a failed text again as a new one: to another number, or in other words.

The failed text stays as it is, marked as handled. Its label shows what became of the new one.
"""

import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction

from leads.models import Contact, ContactPhone
from leads.phones import Phone
from messaging.composing.verdicts import Level, Verdict
from messaging.models import MediaFile, SenderNumber, SmsMessage
from messaging.outgoing import notifications, outbox, schedule
from smscenter import moments
from smscenter.accounts.models import User
from smscenter.audit.recording import record
from smscenter.undo import UndoError

log = structlog.get_logger(__name__)


def resend(  # noqa: PLR0913 - the fields of the form
    message: SmsMessage,
    user: User,
    *,
    to: Phone,
    text: str,
    sender: SenderNumber,
    form_token: uuid.UUID,
    again: bool = False,
    updates_contact: bool = False,
) -> SmsMessage:
    """Queue a new text instead of a failed one. Raises Refused and NotFailedError.

    With `updates_contact`, the contact's number changes, too. The same form submitted twice is one
    text.
    """
    with transaction.atomic():
        row = SmsMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
        outbox.cancel_retry(row, user)
        row.refresh_from_db(fields=["status"])
        if not row.failed:
            raise outbox.NotFailedError
        if not again:
            _ask_if_corrected(row, form_token)
        new = outbox.check_and_queue(
            user=user,
            lead=message.lead,
            contact=message.contact,
            sender=sender,
            to=to.e164,
            text=text,
            form_token=form_token,
            again=again,
            delay=timedelta(seconds=settings.SEND_UNDO_SECONDS),
            replaces=row,
            picture=_picture(message),
        )
        if updates_contact and message.contact:
            _replace_number(message.contact, message.remote_phone, to)
        message.mark_handled(user)
        notifications.settle([message.pk])
    log.info("text_corrected", message=message.pk, replacement=new.pk, user=user.pk)
    return new


def undo(new: SmsMessage, user: User) -> None:
    """Cancel a text that was queued just now instead of a failed one. Raises StartedError.

    The contact gets the old number back if the correction replaced it.
    """
    old = new.replaces
    if old is None:
        raise schedule.StartedError
    with transaction.atomic():
        schedule.cancel(new, user)
        if old.contact and old.remote_phone != new.remote_phone:
            _replace_number(old.contact, new.remote_phone, Phone(old.remote_phone))
        old.mark_handled(None)


def _ask_if_corrected(message: SmsMessage, form_token: uuid.UUID) -> None:
    """Raise Refused with a question if another form resent this text, such as a colleague's."""
    others = message.replacements.exclude(form_token=form_token).select_related("user")
    if other := others.order_by("-pk").first():
        who = other.user or "A former member"
        sentence = f"{who} already resent this text {moments.mentioned(other.created)}."
        raise outbox.Refused([Verdict(Level.QUESTION, "corrected", sentence, None)])


def undo_in_notice(user: User, data: dict[str, int]) -> str:
    """Undo a correction that was sent on a page of its own."""
    sent = SmsMessage.objects.visible_to(user).select_related("replaces__contact")
    try:
        undo(sent.get(pk=data["text"]), user)
    except (SmsMessage.DoesNotExist, schedule.StartedError) as error:
        raise UndoError("Too late to undo: this text is being sent.") from error
    return "Text not sent."


def _picture(message: SmsMessage) -> MediaFile | None:
    """Return the picture of the failed text, which the new one gets a copy of."""
    listed = message.picture
    return MediaFile.objects.filter(message=message, pk=listed["file"]).first() if listed else None


def _replace_number(contact: Contact, old: str, new: Phone) -> None:
    """Change a contact's number, unless they have the new one already."""
    phones = ContactPhone.objects.filter(contact=contact)
    if not phones.filter(phone=new.e164).exists():
        phones.filter(phone=old).update(phone=new.e164, extension=new.extension)
        record(
            "changed",
            contact,
            before={"phone number": Phone(old).formatted},
            after={"phone number": new.formatted},
        )

"""The outbox: texts to send, each with an attempt that a worker claims when it's due."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from leads.models import Contact, DeletedLead, Lead
from leads.phones import Phone
from messaging.carriers import Accepted
from messaging.composing import limits, pictures, preflight, quiet_hours, segments
from messaging.composing.verdicts import Level, Verdict
from messaging.diagnosis.failures import Failure
from messaging.models import Attempt, MediaFile, MessageTemplate, SenderNumber, SmsMessage
from messaging.models.media import Media
from messaging.models.reason import Reason
from messaging.outgoing import answers, notifications, results
from smscenter import moments
from smscenter.accounts.models import Organization, User

log = structlog.get_logger(__name__)

LEAD_DELETED = "Not sent: this lead was deleted or merged into another one."
SAME_TEXT = "This number got the same text less than a minute ago."


class Refused(Exception):  # noqa: N818 - the program works as it should
    """The text can't be sent; `verdicts` say why, and `status` is the HTTP status."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, verdicts: list[Verdict]) -> None:
        super().__init__(" ".join(verdict.message for verdict in verdicts))
        self.verdicts = verdicts


class LimitReached(Refused):
    """Too many texts were sent in the last hour."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class NotFailedError(Exception):
    """Only a failed text can be resent."""


def check_and_queue(  # noqa: PLR0913 - the fields of the form
    *,
    user: User,
    lead: Lead,
    sender: SenderNumber,
    to: str,
    text: str,
    form_token: uuid.UUID | None = None,
    again: bool = False,
    latest: int | None = None,
    due: datetime | None = None,
    **fields: Any,
) -> SmsMessage:
    """Queue a text unless preflight or a limit refuses it. Takes what `queue` takes.

    `again` confirms that the same text is sent to the same number twice within a minute, or that
    the lead is texted although a colleague did since the text with the ID `latest`. Raises Refused.
    """
    checked = segments.to_plain(text) if fields.get("plain") else text
    picture: MediaFile | None = fields.get("picture")
    check(lead, sender, to, checked, due=due, picture=picture.listed if picture else None)
    due = hold(lead.organization, to, due)
    if not _is_queued(lead, form_token):
        if not again:
            _ask_if_answered(lead, user, latest)
        _limit(lead.organization, user, to, text, again=again or picture is not None)
    return queue(
        user=user,
        lead=lead,
        sender=sender,
        to=to,
        text=text,
        form_token=form_token,
        due=due,
        **fields,
    )


def hold(organization: Organization, to: str, due: datetime | None) -> datetime | None:
    """Return when to send a text that's `due`: later, if the organization holds it until then.

    None means now.
    """
    now = timezone.now()
    at = due or now
    permitted = quiet_hours.first_permitted(organization, Phone(to), at)
    return permitted if permitted > at else due


def queue(  # noqa: PLR0913 - the fields of the form
    *,
    user: User | None,
    lead: Lead,
    contact: Contact | None,
    sender: SenderNumber,
    to: str,
    text: str,
    form_token: uuid.UUID | None = None,
    template: MessageTemplate | None = None,
    due: datetime | None = None,
    delay: timedelta = timedelta(),
    plain: bool = False,
    automatic: SmsMessage.Automatic = SmsMessage.Automatic.NONE,
    picture: MediaFile | None = None,
    replaces: SmsMessage | None = None,
) -> SmsMessage:
    """Add a text that's to be sent, now or when it's `due`. `to` is in E.164.

    A text to be sent now waits for `delay`, so that people can undo it.
    The same form submitted twice is one text. With `plain`, plain characters are sent instead of
    typographic ones, and both versions are kept. `replaces` is the failed text that it's sent for.
    Raises Refused if the lead was deleted.
    """
    now = timezone.now()
    later = due is not None and due > now
    fields = {
        "lead": lead,
        "contact": contact,
        "sender": sender,
        "user": user,
        "template": template,
        "automatic": automatic,
        "replaces": replaces,
        "direction": SmsMessage.Direction.OUTGOING,
        "status": SmsMessage.Status.SCHEDULED if later else SmsMessage.Status.OUTBOX,
        "remote_phone": to,
        "local_phone": sender.phone,
        "created": now,
        "scheduled": due,
    } | text_fields(text, plain=plain, picture=picture is not None)
    with transaction.atomic():
        message, created = _once(lead, form_token, fields)
        # The new text has locked its lead, so nobody can delete it now.
        if DeletedLead.objects.filter(lead=lead).exists():
            raise Refused([Verdict(Level.REFUSAL, "deleted", LEAD_DELETED, None)])
        if created:
            if picture:
                pictures.give(picture, message)
            add_attempt(message, sender, 1, due or now + delay)
    return message


def queue_all(messages: Sequence[SmsMessage], *, at: datetime) -> None:
    """Add unsaved texts to be sent now, in one statement for all and one for their attempts.

    The caller has a transaction, and doesn't lock other leads in it before.
    """
    leads = Lead.objects.filter(pk__in=[message.lead_id for message in messages])
    # In the order of `lock_leads`, because triggers lock a message's lead.
    list(leads.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    SmsMessage.objects.bulk_create(messages)
    Attempt.objects.bulk_create(
        [
            Attempt(
                organization_id=message.organization_id,
                message=message,
                sender=message.sender,
                carrier=message.sender.carrier,
                account=message.sender.account,
                due=at,
            )
            for message in messages
            if message.sender
        ]
    )


def text_fields(text: str, *, plain: bool, picture: bool = False) -> dict[str, Any]:
    """Return the fields of a message that depend on its text. With a picture, it's not split."""
    text = segments.normalize(text)
    sent_text = segments.to_plain(text) if plain else text
    count = segments.count(sent_text)
    return {
        "text": text,
        "sent_text": sent_text,
        "segments": 1 if picture else count.segments,
        "encoding": count.encoding,
    }


def resend(
    message: SmsMessage, user: User, *, at: datetime | None = None, due: datetime | None = None
) -> Attempt:
    """Queue another attempt of a failed text, now or when it's `due`.

    Two clicks at once make one attempt. An automatic retry that waits is sent now instead. Raises
    Refused, LimitReached, and NotFailedError.
    """
    now = at or timezone.now()
    text = message.sent_text or message.text
    sender = check(
        message.lead,
        message.sender,
        message.remote_phone,
        text,
        at=now,
        due=due,
        picture=message.picture,
    )
    with transaction.atomic():
        row = SmsMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
        latest = row.attempts.order_by("number").last()
        is_open = latest is not None and latest.state in Attempt.OPEN
        is_waiting = latest is not None and latest.is_waiting_retry(now)
        if row.status != SmsMessage.Status.ERROR and not is_waiting:
            if latest is not None and is_open:
                return latest
            raise NotFailedError
        SmsMessage.objects.filter(pk=row.pk).update(
            status=SmsMessage.Status.OUTBOX,
            reason="",
            receipt="",
            handled=None,
            handled_by=None,
            updated=now,
        )
        notifications.settle([row.pk])
        answers.close([row.pk])
        log.info("text_resent", message=row.pk, user=user.pk)
        due = hold(message.lead.organization, row.remote_phone, due or now) or now
        if latest is not None and is_open:
            row.attempts.filter(pk=latest.pk, state=Attempt.State.QUEUED).update(due=due)
            latest.due = due
            return latest
        if sentence := limits.resends_exceeded(row.organization, row.remote_phone):
            raise LimitReached([Verdict(Level.REFUSAL, "limit", sentence, None)])
        return add_attempt(row, sender, latest.number + 1 if latest else 1, due)


def cancel_retry(message: SmsMessage, user: User | None) -> bool:
    """Cancel a text's retry, so that it stays failed. One may be due, and wait for its carrier.

    Return whether there was one: it may have started meanwhile, or been canceled before.
    """
    with transaction.atomic():
        row = SmsMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
        retry = row.attempts.filter(number__gt=1, started=None).cancel()
        if retry is None:
            return False
        if row.status != SmsMessage.Status.ERROR:
            SmsMessage.objects.filter(pk=row.pk).update(
                status=SmsMessage.Status.ERROR, reason=row.why, updated=timezone.now()
            )
            answers.reopen(row, row.why)
    log.info("retry_canceled", message=row.pk, attempt=retry.number, user=user and user.pk)
    return True


def settle(attempt: Attempt, user: User, *, sent: bool) -> bool:
    """Record what a person found out about an unconfirmed attempt.

    Return whether it was still unconfirmed.
    """
    by = {"settled_by": user.get_username(), "settled": timezone.now().isoformat()}
    with transaction.atomic():
        row = Attempt.objects.select_for_update().get(pk=attempt.pk)
        if row.state != Attempt.State.UNCERTAIN:
            return False
        raw = row.raw | by
        log.info("attempt_settled", attempt=row.pk, message=row.message_id, sent=sent, user=user.pk)
        if sent:
            return results.mark_accepted(row, Accepted(row.carrier_id, raw))
        return results.mark_failed(row, Failure(Reason.UNKNOWN, words=row.carrier_words, raw=raw))


def check(  # noqa: PLR0913 - the fields of the form
    lead: Lead,
    sender: SenderNumber | None,
    to: str,
    text: str,
    *,
    at: datetime | None = None,
    due: datetime | None = None,
    picture: Media | None = None,
) -> SenderNumber:
    """Return the sender number if preflight allows this text. Raises Refused."""
    verdicts = preflight.check(
        organization=lead.organization,
        sender=sender,
        to=to,
        text=text,
        at=at,
        due=due,
        picture=picture,
    )
    refusals = preflight.refusals(verdicts)
    if refusals or sender is None:
        raise Refused(refusals)
    return sender


def _is_queued(lead: Lead, form_token: uuid.UUID | None) -> bool:
    """Return whether this is a second click."""
    rows = SmsMessage.objects.filter(organization=lead.organization_id)
    return form_token is not None and rows.filter(form_token=form_token).exists()


def _limit(organization: Organization, user: User, to: str, text: str, *, again: bool) -> None:
    if sentence := limits.exceeded(organization, user, to):
        raise LimitReached([Verdict(Level.REFUSAL, "limit", sentence, None)])
    if not again and limits.has_same_text(organization, to, segments.normalize(text)):
        raise Refused([Verdict(Level.QUESTION, "same_text", SAME_TEXT, None)])


def _ask_if_answered(lead: Lead, user: User, latest: int | None) -> None:
    """Raise Refused if a colleague texted this lead since its text with the ID `latest`."""
    newest = lead.latest_sms_id or 0
    if latest is None or newest <= latest:
        return
    texts = SmsMessage.objects.filter(pk=newest, automatic="").exclude(user=user)
    if text := texts.select_related("user").first():
        when = moments.mentioned(text.created)
        sentence = f"{text.user or 'A colleague'} texted this lead {when}."
        raise Refused([Verdict(Level.QUESTION, "answered", sentence, None)])


def _once(
    lead: Lead, form_token: uuid.UUID | None, fields: dict[str, Any]
) -> tuple[SmsMessage, bool]:
    if form_token is None:
        return SmsMessage.objects.create(organization_id=lead.organization_id, **fields), True
    return SmsMessage.objects.get_or_create(
        organization_id=lead.organization_id, form_token=form_token, defaults=fields
    )


def add_attempt(message: SmsMessage, sender: SenderNumber, number: int, due: datetime) -> Attempt:
    """Add an attempt that a worker claims when it's due."""
    attempt = Attempt.objects.create(
        organization_id=message.organization_id,
        message=message,
        number=number,
        carrier=sender.carrier,
        account=sender.account,
        due=due,
    )
    log.info("text_queued", message=message.pk, attempt=attempt.pk)
    return attempt

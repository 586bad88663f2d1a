"""How an attempt ends. It and its message change in one transaction, or not at all.

`lease` is the worker's fencing token: whoever lost it to another worker changes nothing. Without a
lease the caller holds a lock on the attempt's row.
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from messaging.carriers import Accepted, CarrierError
from messaging.diagnosis.failures import Failure
from messaging.models import Attempt, OptOut, Recipient, SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import retries
from messaging.outgoing.retries import DELAYS

State, Status, Receipt = Attempt.State, SmsMessage.Status, SmsMessage.Receipt

# `error` is among them because a receipt of an earlier attempt may have said so.
NOT_YET_SENT = (Status.SCHEDULED, Status.OUTBOX, Status.ERROR)


def accept(
    attempt: Attempt,
    accepted: Accepted,
    *,
    lease: uuid.UUID | None = None,
    at: datetime | None = None,
) -> bool:
    """The carrier has it: the message is sent. Answers whether anything changed."""
    now = at or timezone.now()
    with transaction.atomic():
        closed = _close(
            attempt,
            lease,
            state=State.ACCEPTED,
            carrier_id=accepted.carrier_id,
            receipt=Receipt.ACCEPTED,
            raw=accepted.raw,
            code="",
            carrier_words="",
            finished=now,
        )
        if closed:
            SmsMessage.objects.filter(pk=attempt.message_id, status__in=NOT_YET_SENT).update(
                status=Status.SENT, reason="", receipt=Receipt.ACCEPTED, sent=now, updated=now
            )
    return closed


def fail(attempt: Attempt, failure: Failure, *, lease: uuid.UUID | None = None) -> bool:
    """The carrier did not take it. Answers whether anything changed.

    What may pass by itself is tried again later, and the message stays as it is meanwhile.
    """
    failure = _placed(attempt, failure)
    with transaction.atomic():
        closed = _close(attempt, lease, state=State.FAILED, **_evidence(failure))
        if closed:
            message = _message_of(attempt)
            _learn(message, attempt, failure)
            if not _is_superseded(attempt) and _next_attempt(message, attempt, failure) is None:
                _set_error(message, failure.reason)
    return closed


def report_failure(attempt: Attempt, failure: Failure) -> None:
    """The carrier took it and reports now that it failed; the caller holds the attempt's lock.

    The message is an error at once, also when the text is tried again later. A delivery that was
    claimed before is no reason to doubt the failure: receipts come in any order and some are fakes,
    and a failure that nobody sees costs more than one that somebody looks at in vain. But then the
    text is not sent again by itself, since the person may have it.
    """
    failure = _placed(attempt, failure)
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(
            state=State.FAILED, receipt=Receipt.FAILED, **_evidence(failure)
        )
        message = _message_of(attempt)
        _learn(message, attempt, failure)
        if not _is_superseded(attempt):
            _set_error(message, failure.reason, receipt=Receipt.FAILED)
            if attempt.receipt != Receipt.DELIVERED:
                _next_attempt(message, attempt, failure)


def report_delivery(attempt: Attempt) -> None:
    """The carrier claims that it was delivered; the caller holds the attempt's lock."""
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(receipt=Receipt.DELIVERED)
        message = _message_of(attempt)
        if message.status == Status.SENT and not _is_superseded(attempt):
            SmsMessage.objects.filter(pk=message.pk).update(
                receipt=Receipt.DELIVERED, updated=timezone.now()
            )


def stop_retry(attempt: Attempt) -> bool:
    """A delivery was claimed after the failure, so the person may have it: the try that was to come
    by itself does not come. One that has begun, or that a person asked for, does.

    The caller holds the attempt's lock. Answers whether there was such a try.
    """
    with transaction.atomic():
        # Whoever asks for another try makes it no error any more.
        if _message_of(attempt).status != Status.ERROR:
            return False
        waiting = Attempt.objects.filter(
            message=attempt.message_id, state=State.QUEUED, started=None
        )
        # Locked, because a worker may be about to take it.
        rows = waiting.select_for_update(of=("self",)).filter(number=attempt.number + 1)
        stopped = rows.first()
        if stopped is not None:
            stopped.delete()
    return stopped is not None


def ask_later(attempt: Attempt, error: CarrierError, *, lease: uuid.UUID) -> bool:
    """The carrier may have it. Nobody touches it for a while; then it is asked for, not repeated.

    Keeping the lease, only longer, makes sure of that. After some times, or when the carrier can
    never tell, a person decides.
    """
    asked = attempt.questions - min(attempt.misses, 1)
    if error.permanent or asked >= len(DELAYS):
        return leave_to_person(attempt, lease=lease, carrier_words=error.words)
    return _postpone(attempt, DELAYS[asked], lease, carrier_words=error.words, raw=error.raw)


def confirm_later(attempt: Attempt, *, lease: uuid.UUID) -> bool:
    """The carrier doesn't have it, or not yet in what it searches: it is asked once more.

    Not before another worker could have taken it over.
    """
    return _postpone(attempt, timedelta(seconds=settings.SEND_LEASE_SECONDS), lease)


def leave_to_person(attempt: Attempt, *, lease: uuid.UUID, **fields: Any) -> bool:
    """Nobody can tell whether the carrier has it, and a person decides."""
    return _close(attempt, lease, state=State.UNCERTAIN, **fields)


def note_miss(attempt: Attempt, *, lease: uuid.UUID) -> bool:
    """The carrier said that it doesn't have it. Return whether this worker still holds it."""
    rows = Attempt.objects.filter(pk=attempt.pk, lease_until__gt=timezone.now()).under(lease)
    noted = rows.update(misses=F("misses") + 1) == 1
    attempt.misses += noted
    return noted


def _postpone(attempt: Attempt, delay: timedelta, lease: uuid.UUID, **fields: Any) -> bool:
    rows = Attempt.objects.filter(pk=attempt.pk).under(lease)
    until = timezone.now() + delay
    return rows.update(lease_until=until, questions=F("questions") + 1, **fields) == 1


def _close(attempt: Attempt, lease: uuid.UUID | None, **fields: Any) -> bool:
    row = Attempt.objects.filter(pk=attempt.pk)
    row = row.under(lease) if lease else row.filter(state__in=Attempt.OPEN)
    return row.close(**fields) == 1


def _evidence(failure: Failure) -> dict[str, Any]:
    fields = {
        "code": failure.code,
        "carrier_words": failure.words,
        "reason": failure.reason,
        "finished": timezone.now(),
    }
    return fields | ({"raw": failure.raw} if failure.raw else {})


def _placed(attempt: Attempt, failure: Failure) -> Failure:
    """Read "no permission for this region" as a fault of our account where the number is at home.

    Carriers' permissions go by calling code, so their code doesn't tell where the number is.
    """
    if failure.reason != Reason.UNSUPPORTED_COUNTRY:
        return failure
    message = attempt.message
    is_at_home = message.number.is_in(message.organization.regions)
    return replace(failure, reason=Reason.SENDER_CONFIG) if is_at_home else failure


def _message_of(attempt: Attempt) -> SmsMessage:
    messages = SmsMessage.objects.select_for_update(of=("self",))
    return messages.select_related("organization", "sender").get(pk=attempt.message_id)


def _is_superseded(attempt: Attempt) -> bool:
    """Whether a newer attempt speaks for the message."""
    return Attempt.objects.filter(message=attempt.message_id, number__gt=attempt.number).exists()


def _next_attempt(message: SmsMessage, attempt: Attempt, failure: Failure) -> Attempt | None:
    due = retries.next_attempt_at(failure, attempt.number, timezone.now(), message.number)
    if due is None:
        return None
    return Attempt.objects.create(
        organization_id=attempt.organization_id,
        message_id=attempt.message_id,
        number=attempt.number + 1,
        carrier=attempt.carrier,
        due=due,
    )


def _set_error(message: SmsMessage, reason: Reason, **fields: Any) -> None:
    SmsMessage.objects.filter(pk=message.pk).update(
        status=Status.ERROR, reason=reason, updated=timezone.now(), **fields
    )


def _learn(message: SmsMessage, attempt: Attempt, failure: Failure) -> None:
    """Remember what a carrier's code says of the number, so that nobody tries in vain again."""
    if not failure.code:
        return
    if failure.reason == Reason.NOT_SMS_CAPABLE:
        recipient = Recipient.objects.for_phone(message.organization, message.remote_phone)
        recipient.learn_not_capable(attempt)
    elif failure.reason == Reason.OPTED_OUT:
        OptOut.objects.record(
            message.organization,
            message.remote_phone,
            source=OptOut.Source.CARRIER,
            sender=message.sender,
            message=message,
            words=failure.words or failure.code,
        )

"""Results of attempts. An attempt and its message change in one transaction, or not at all.

`lease` is the worker's fencing token: a worker that lost it to another one changes nothing. Without
a lease, the caller holds a lock on the attempt's row.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from messaging.carriers import Accepted, CarrierError
from messaging.composing import quiet_hours
from messaging.diagnosis.failures import Failure, corrected
from messaging.models import Attempt, OptOut, Recipient, SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import answers, notifications, retries
from messaging.outgoing.retries import DELAYS

State, Status, Receipt = Attempt.State, SmsMessage.Status, SmsMessage.Receipt

# Includes `error`, because a receipt of an earlier attempt may have set it.
NOT_YET_SENT = (Status.SCHEDULED, Status.OUTBOX, Status.ERROR)


def mark_accepted(
    attempt: Attempt,
    accepted: Accepted,
    *,
    lease: uuid.UUID | None = None,
    at: datetime | None = None,
) -> bool:
    """Record that the carrier has the text: it's sent. Return whether anything changed."""
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
            _settle([attempt])
    return closed


def lock(attempts: Sequence[Attempt], *, leads: bool) -> dict[int, uuid.UUID | None]:
    """Lock these attempts and their messages. Return the attempts' leases, by ID.

    Callbacks lock an attempt, its message, and its lead in this order, too. With `leads`, lock
    these in order, for writers of one message at a time. Triggers do so for each statement.
    """
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts], state=State.SENDING)
    # Without `of`, this locks the messages, too.
    rows = rows.select_for_update(no_key=True).order_by("pk")
    leases = {pk: lease for pk, lease, _ in rows.values_list("pk", "lease", "message__lead")}
    if leads:
        SmsMessage.objects.filter(pk__in=[a.message_id for a in attempts]).lock_leads()
    return leases


def mark_all_accepted(accepted: Mapping[Attempt, Accepted]) -> None:
    """Record that carriers have these texts, like `mark_accepted`, in one statement per table.

    The caller has locked the attempts. Raises IntegrityError if an ID is that of another attempt.
    """
    if not accepted:
        return
    now = timezone.now()
    _accept_all(accepted, now)
    SmsMessage.objects.filter(
        pk__in=[attempt.message_id for attempt in accepted], status__in=NOT_YET_SENT
    ).update(status=Status.SENT, reason="", receipt=Receipt.ACCEPTED, sent=now, updated=now)
    _settle(accepted)


def _settle(accepted: Iterable[Attempt]) -> None:
    """Mark notifications of earlier failures of these texts as read, and their threads as answered.

    Few texts are sent again.
    """
    if again := [attempt.message_id for attempt in accepted if attempt.number > 1]:
        notifications.settle(again)
        answers.close(again)


# The ORM's statement with a CASE for each attempt takes a quarter of a worker's time.
ACCEPT = """
    UPDATE messaging_attempt
    SET state = 'accepted', receipt = 'accepted', lease = NULL, lease_until = NULL, code = '',
        carrier_words = '', finished = %s, carrier_id = v.column2, raw = v.column3
    FROM (VALUES {rows}) AS v WHERE id = v.column1
"""


def _accept_all(accepted: Mapping[Attempt, Accepted], at: datetime) -> None:
    ops = connection.ops
    values: list[Any] = [ops.adapt_datetimefield_value(at)]
    for attempt, text in accepted.items():
        values += [attempt.pk, text.carrier_id, ops.adapt_json_value(text.raw, None)]
    rows = ", ".join(["(%s, %s, %s)"] * len(accepted))
    with connection.cursor() as cursor:
        cursor.execute(ACCEPT.format(rows=rows), values)


def mark_failed(attempt: Attempt, failure: Failure, *, lease: uuid.UUID | None = None) -> bool:
    """Record that the carrier rejected the text. Return whether anything changed.

    A temporary failure is retried later, and the message stays as it is until then.
    """
    failure = replace(failure, reason=corrected(failure.reason, attempt.message))
    with transaction.atomic():
        closed = _close(attempt, lease, state=State.FAILED, **_evidence(failure))
        if closed:
            message = _message_of(attempt)
            _learn(message, attempt, failure)
            if _is_superseded(attempt) or _add_retry(message, attempt, failure):
                _add_code(message, failure)
            else:
                _fail(message, attempt, failure)
    return closed


def mark_undelivered(attempt: Attempt, failure: Failure) -> None:
    """Record a failure that the carrier reports after it accepted the text.

    The caller holds the attempt's lock. The message is an error at once, even if the text is
    retried later. This applies even after a reported delivery: receipts come in any order, some are
    fake, and a hidden failure costs more than a false alarm. But then the text isn't retried
    automatically, since the person may have it.
    """
    failure = replace(failure, reason=corrected(failure.reason, attempt.message))
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(
            state=State.FAILED, receipt=Receipt.FAILED, **_evidence(failure)
        )
        message = _message_of(attempt)
        _learn(message, attempt, failure)
        if _is_superseded(attempt):
            _add_code(message, failure)
        else:
            _fail(message, attempt, failure, receipt=Receipt.FAILED)
            if attempt.receipt != Receipt.DELIVERED:
                _add_retry(message, attempt, failure)


def mark_delivered(attempt: Attempt) -> None:
    """Record that the carrier reported delivery. The caller holds the attempt's lock."""
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(receipt=Receipt.DELIVERED)
        message = _message_of(attempt)
        if message.status == Status.SENT and not _is_superseded(attempt):
            SmsMessage.objects.filter(pk=message.pk).update(
                receipt=Receipt.DELIVERED, updated=timezone.now()
            )


def cancel_retry(attempt: Attempt) -> bool:
    """Cancel the automatic retry of a failed attempt, since the person may have the text.

    A retry that has started stays, and so does one that a person requested. The caller holds the
    attempt's lock. Return whether there was a retry to cancel.
    """
    with transaction.atomic():
        message, number = _message_of(attempt), attempt.number + 1
        retries = Attempt.objects.filter(message=message, number=number, started=None)
        if message.status != Status.ERROR:
            # After a click on Resend, it's already due.
            retries = retries.filter(due__gt=timezone.now())
        if retries.cancel() is None:
            return False
        _set_error(message, message.why)
        return True


def check_later(attempt: Attempt, error: CarrierError, *, lease: uuid.UUID) -> bool:
    """Postpone the check whether the carrier has the text, which it may have.

    The lease is extended, so that nobody sends the text again until then. After a few checks, or if
    the carrier can never tell, a person decides.
    """
    checks = attempt.questions - min(attempt.misses, 1)
    if error.permanent or checks >= len(DELAYS):
        return mark_uncertain(attempt, lease=lease, carrier_words=error.words)
    delay = min(max(DELAYS[checks], error.retry_after), DELAYS[-1])
    return _postpone(attempt, delay, lease, carrier_words=error.words, raw=error.raw)


def check_again(attempt: Attempt, *, lease: uuid.UUID) -> bool:
    """Postpone the second check for a text that the carrier didn't have, or couldn't find yet.

    The check isn't due before another worker could have taken over.
    """
    return _postpone(attempt, timedelta(seconds=settings.SEND_LEASE_SECONDS), lease)


def mark_uncertain(attempt: Attempt, *, lease: uuid.UUID, **fields: Any) -> bool:
    """Leave it to a person to find out whether the carrier has the text."""
    return _close(attempt, lease, state=State.UNCERTAIN, **fields)


def record_miss(attempt: Attempt, *, lease: uuid.UUID) -> bool:
    """Record that the carrier doesn't have the text. Return False if the lease was lost."""
    rows = Attempt.objects.filter(pk=attempt.pk, lease_until__gt=timezone.now()).under(lease)
    recorded = rows.update(misses=F("misses") + 1) == 1
    # Read it, because the transaction may be rolled back and run again.
    attempt.misses = rows.values_list("misses", flat=True).first() or attempt.misses
    return recorded


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


def _message_of(attempt: Attempt) -> SmsMessage:
    messages = SmsMessage.objects.select_for_update(of=("self",))
    return messages.select_related("organization", "sender").get(pk=attempt.message_id)


def _is_superseded(attempt: Attempt) -> bool:
    """Return whether a newer attempt decides about the message."""
    return Attempt.objects.filter(message=attempt.message_id, number__gt=attempt.number).exists()


def _add_retry(message: SmsMessage, attempt: Attempt, failure: Failure) -> Attempt | None:
    if message.automatic or message.is_erased:
        # A reply that comes late is no longer an answer.
        return None
    due = retries.next_attempt_at(failure, attempt.number, timezone.now(), message.number)
    if due is None:
        return None
    due = quiet_hours.first_permitted(message.organization, message.number, due)
    return Attempt.objects.create(
        organization_id=attempt.organization_id,
        message_id=attempt.message_id,
        number=attempt.number + 1,
        carrier=attempt.carrier,
        account=attempt.account,
        due=due,
    )


def _fail(message: SmsMessage, attempt: Attempt, failure: Failure, **fields: Any) -> None:
    """Set the error, and unless it had failed before, notify who sent it and reopen its thread."""
    codes = message.codes_with(failure.code)
    _set_error(message, failure.reason, codes=codes, **fields)
    if message.status != Status.ERROR:
        answers.reopen(message, failure.reason)
        notifications.notify_of_failure(message, attempt.number)


def _add_code(message: SmsMessage, failure: Failure) -> None:
    """Add the code of a failure that doesn't make the text an error."""
    codes = message.codes_with(failure.code)
    if codes != message.codes:
        SmsMessage.objects.filter(pk=message.pk).update(codes=codes)


def _set_error(message: SmsMessage, reason: Reason, **fields: Any) -> None:
    SmsMessage.objects.filter(pk=message.pk).update(
        status=Status.ERROR, reason=reason, updated=timezone.now(), **fields
    )


def _learn(message: SmsMessage, attempt: Attempt, failure: Failure) -> None:
    """Remember what a carrier's code says about the number, to warn before the next text."""
    if not failure.code or message.is_erased:
        return
    is_dead = failure.reason == Reason.INVALID_NUMBER and not failure.retry.is_automatic
    if is_dead or failure.reason == Reason.NOT_SMS_CAPABLE:
        recipient = Recipient.objects.for_phone(message.organization, message.remote_phone)
        recipient.learn(Recipient.Capability(failure.reason), attempt)
    elif failure.reason == Reason.OPTED_OUT:
        OptOut.objects.record(
            message.organization,
            message.remote_phone,
            source=OptOut.Source.CARRIER,
            sender=message.sender,
            message=message,
            words=failure.words or failure.code,
        )

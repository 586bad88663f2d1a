"""Turn texts into messages, attempts, callbacks, and what they taught about numbers."""

import hashlib
import random
from datetime import datetime, timedelta
from functools import cache

from messaging.composing import segments
from messaging.models import Attempt, CarrierCode, CarrierEvent, OptOut, Recipient, SmsMessage
from messaging.models.reason import Reason
from smscenter.demo import chance
from smscenter.demo.failures import Failure
from smscenter.demo.rows import Batch
from smscenter.demo.story import Status, Text

Receipt = SmsMessage.Receipt
# The time from the text to its first, second, and third attempt.
DELAYS = (timedelta(seconds=2), timedelta(seconds=64), timedelta(minutes=11))
# Callbacks are stored for all failures, and for this share of the others.
SHARE_OF_EVENTS = 0.1


@cache
def title(carrier: str, code: str) -> str:
    return CarrierCode.objects.get(carrier=carrier, code=code).title


def record(text: Text, batch: Batch, rng: random.Random) -> None:
    """Add the rows of this text to the batch."""
    message = _message(text)
    batch.messages.append(message)
    for number, failure in enumerate(text.failures, 1):
        attempt = _failed(message, failure, number, rng)
        batch.attempts.append(attempt)
        _report(attempt, "undelivered", batch)
    if text.status == Status.SENT:
        attempt = _accepted(message, len(text.failures) + 1, rng)
        batch.attempts.append(attempt)
        if rng.random() < SHARE_OF_EVENTS:
            _report(attempt, "delivered" if text.receipt == Receipt.DELIVERED else "sent", batch)
    elif text.scheduled:
        batch.attempts.append(_attempt(message, 1, rng, due=text.scheduled))
    _learn(text, message, batch)


def _message(text: Text) -> SmsMessage:
    count = segments.count(text.words)
    outgoing = text.outgoing
    accepted = text.status == Status.SENT or text.receipt == Receipt.FAILED
    return SmsMessage(
        organization=text.lead.organization,
        lead=text.lead,
        contact=text.contact,
        sender=text.sender,
        user=text.user if outgoing else None,
        direction="outgoing" if outgoing else "incoming",
        status=text.status,
        text=text.words,
        sent_text=text.words if accepted and outgoing else "",
        remote_phone=text.phone,
        local_phone=text.sender.phone,
        segments=count.segments,
        encoding=count.encoding,
        reason=text.reason or "",
        codes="\n".join(dict.fromkeys(failure.code for failure in text.failures)) or None,
        receipt=text.receipt if accepted and outgoing else "",
        created=text.at,
        scheduled=text.scheduled,
        sent=text.at + DELAYS[0] if accepted and outgoing else None,
    )


def carrier_of(message: SmsMessage) -> str:
    return message.sender.carrier if message.sender else ""


def _attempt(
    message: SmsMessage, number: int, rng: random.Random, *, due: datetime | None = None
) -> Attempt:
    return Attempt(
        organization=message.organization,
        message=message,
        number=number,
        key=chance.key(rng),
        sender=message.sender,
        carrier=carrier_of(message),
        due=due or message.created + DELAYS[number - 1],
        created=message.created,
    )


def _finish(attempt: Attempt, state: Attempt.State, receipt: str) -> Attempt:
    attempt.state, attempt.receipt = state, receipt
    attempt.started, attempt.claims = attempt.due, 1
    attempt.finished = attempt.due + timedelta(seconds=1)
    return attempt


def _accepted(message: SmsMessage, number: int, rng: random.Random) -> Attempt:
    attempt = _attempt(message, number, rng)
    _take(attempt, rng)
    return _finish(attempt, Attempt.State.ACCEPTED, message.receipt)


def _take(attempt: Attempt, rng: random.Random) -> None:
    """Add the carrier's response to an accepted text."""
    attempt.carrier_id = f"SM{rng.getrandbits(128):032x}"
    attempt.raw = {
        "sid": attempt.carrier_id,
        "status": "queued",
        "error_code": None,
        "to": attempt.message.remote_phone,
        "from": attempt.message.local_phone,
    }


def _failed(message: SmsMessage, failure: Failure, number: int, rng: random.Random) -> Attempt:
    attempt = _attempt(message, number, rng)
    words = title(failure.carrier, failure.code)
    attempt.code, attempt.carrier_words, attempt.reason = failure.code, words, failure.reason
    if failure.refused:
        status = 429 if failure.reason == Reason.RATE_LIMIT else 400
        attempt.raw = {"code": int(failure.code), "message": words, "status": status}
        return _finish(attempt, Attempt.State.FAILED, "")
    _take(attempt, rng)
    return _finish(attempt, Attempt.State.FAILED, Receipt.FAILED)


def _report(attempt: Attempt, state: str, batch: Batch) -> None:
    """Add the carrier's callback. Carriers send none for a rejected text."""
    if not attempt.carrier_id:
        return
    payload = [
        ["MessageSid", attempt.carrier_id],
        ["MessageStatus", state],
        ["From", attempt.message.local_phone],
        ["To", attempt.message.remote_phone],
    ]
    if attempt.code:
        payload += [["ErrorCode", attempt.code], ["ErrorMessage", attempt.carrier_words]]
    digest = hashlib.sha256(repr(payload).encode()).hexdigest()
    batch.events.append(
        CarrierEvent(
            carrier=attempt.carrier,
            kind=CarrierEvent.Kind.STATUS,
            event_id=digest,
            carrier_id=attempt.carrier_id,
            attempt_key=attempt.key,
            payload=payload,
            outcome=CarrierEvent.Outcome.APPLIED,
            attempt=attempt,
            message=attempt.message,
            received=attempt.due + timedelta(seconds=3),
        )
    )


def _learn(text: Text, message: SmsMessage, batch: Batch) -> None:
    if text.reason == Reason.NOT_SMS_CAPABLE:
        recipient = batch.recipient(text.phone, text.lead)
        recipient.capability = Recipient.Capability.NOT_SMS_CAPABLE
        recipient.evidence = batch.attempts[-1]
        recipient.capability_at = recipient.evidence.finished
    if text.opt_out:
        batch.opt_outs.append(_opt_out(text, text.opt_out, message, batch))


def _opt_out(text: Text, source: OptOut.Source, message: SmsMessage, batch: Batch) -> OptOut:
    own_words = source != OptOut.Source.CARRIER
    return OptOut(
        organization=text.lead.organization,
        recipient=batch.recipient(text.phone, text.lead),
        sender=text.sender,
        source=source,
        certain=source != OptOut.Source.WORDING,
        message=message,
        words=text.words if own_words else title(text.failures[-1].carrier, text.failures[-1].code),
        created=text.at,
    )

"""What a status callback changes.

Callbacks come late, twice, in any order, and contradict each other: what is known of an attempt
only ever moves forward, and a failure stays.
"""

import structlog

from messaging import carriers
from messaging.carriers import Accepted, StatusReport
from messaging.diagnosis.failures import Failure, concerns_the_text
from messaging.models import Attempt, CarrierEvent, SmsMessage
from messaging.outgoing import results
from messaging.outgoing.tracing import traced
from smscenter.wording import quote

log = structlog.get_logger(__name__)

Outcome = CarrierEvent.Outcome
State, Receipt = Attempt.State, SmsMessage.Receipt

STOPPED = "It had failed already, and the failure stays. It is not sent again by itself."


def apply(event: CarrierEvent) -> None:
    """Change the attempt that this event is about, and its message if no newer attempt speaks for
    it. The caller holds the event's lock and saves it.
    """
    attempt = _attempt_of(event)
    if attempt is None:
        event.note = "No message with this id yet."
        return
    with traced(attempt):
        _apply_to(attempt, event)
        log.info("callback_applied", callback=event.pk, outcome=event.outcome)


def _apply_to(attempt: Attempt, event: CarrierEvent) -> None:
    event.attempt = attempt
    event.message_id = attempt.message_id
    if attempt.carrier_id not in {"", event.carrier_id}:
        event.outcome, event.note = Outcome.IGNORED, "The attempt has another id at the carrier."
        return
    report = carriers.get(event.carrier).read_status(event.payload)
    # Whatever it says, it names our key: the carrier has the text, before it answered or before we
    # could write its answer down.
    proven = results.accept(
        attempt, Accepted(event.carrier_id, {"callback": event.payload}), at=event.received
    )
    if proven:
        attempt.refresh_from_db()
    event.note = _apply(attempt, report)
    changed = proven or event.note in {"", STOPPED}
    event.outcome = Outcome.APPLIED if changed else Outcome.IGNORED


def _attempt_of(event: CarrierEvent) -> Attempt | None:
    rows = Attempt.objects.select_for_update(of=("self",)).filter(carrier=event.carrier)
    attempt = rows.filter(carrier_id=event.carrier_id).first() if event.carrier_id else None
    if attempt is None and event.attempt_key:
        attempt = rows.filter(key=event.attempt_key).first()
    return attempt


def _apply(attempt: Attempt, report: StatusReport) -> str:
    """Answers what there is to say of it: why nothing was changed, mostly."""
    if not report.known:
        return f"Unknown status {quote(report.state)}."[:200]
    if report.receipt == Receipt.FAILED:
        return _failed(attempt, report)
    if report.receipt == Receipt.DELIVERED:
        return _delivered(attempt)
    return "Says nothing new."


def _failed(attempt: Attempt, report: StatusReport) -> str:
    if not concerns_the_text(attempt.carrier, report.code):
        return f"Code {report.code} is no failure of this text."[:200]
    if attempt.state == State.FAILED and (attempt.code or not report.code):
        return "It had failed already."
    results.report_failure(attempt, Failure.reported(attempt.carrier, report))
    return ""


def _delivered(attempt: Attempt) -> str:
    if attempt.state == State.FAILED:
        stopped = results.stop_retry(attempt)
        return STOPPED if stopped else "It had failed already, and the failure stays."
    if attempt.receipt == Receipt.DELIVERED:
        return "Says nothing new."
    results.report_delivery(attempt)
    return ""

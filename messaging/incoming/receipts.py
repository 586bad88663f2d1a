"""Receipts: what a carrier's status callback changes.

Callbacks come late, twice, in any order, and contradict each other. So the state of an attempt
only moves forward, and a failure stays.
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

# The outcome of an event, and a note for staff.
Result = tuple[Outcome, str]
APPLIED = (Outcome.APPLIED, "")
ACCEPTED = (Outcome.APPLIED, "Shows that the carrier accepted the text.")
RETRY_CANCELED = (Outcome.APPLIED, "Delivered after a failure: the automatic retry was canceled.")
OTHER_ID = (Outcome.IGNORED, "Ignored: the carrier has this attempt under another ID.")
OTHER_ACCOUNT = (Outcome.IGNORED, "Ignored: from another account.")
FAILED_BEFORE = (Outcome.IGNORED, "Ignored: the text had already failed.")
NOTHING_NEW = (Outcome.IGNORED, "Ignored: nothing new.")


def record(event: CarrierEvent) -> None:
    """Update the attempt that this event is about, and its message unless a newer attempt counts.

    The caller holds the event's lock and saves it.
    """
    attempt = _attempt_of(event)
    if attempt is None:
        event.note = "No text with this ID yet."
        return
    if not _is_of_account(attempt, event):
        event.outcome, event.note = OTHER_ACCOUNT
        log.warning("callback_of_other_account", callback=event.pk, carrier=event.carrier)
        return
    with traced(attempt, event.request_id):
        event.attempt, event.message_id = attempt, attempt.message_id
        event.outcome, event.note = _update(attempt, event)
        log.info("callback_processed", callback=event.pk, outcome=event.outcome)


def _attempt_of(event: CarrierEvent) -> Attempt | None:
    rows = Attempt.objects.select_for_update(of=("self",))
    attempt = rows.with_carrier_ids(event.carrier, [event.carrier_id]).first()
    if attempt is None and event.attempt_key:
        attempt = rows.filter(carrier=event.carrier, key=event.attempt_key).first()
    return attempt


def _is_of_account(attempt: Attempt, event: CarrierEvent) -> bool:
    return carriers.get(event.carrier).is_of_account(event.payload, attempt.account)


def simple_result(attempt: Attempt, event: CarrierEvent) -> Result | None:
    """Return the result of a receipt that at most reports a delivery, or None for others.

    Changes the attempt, but not its row.
    """
    if not _is_of_account(attempt, event):
        return None
    report = carriers.get(event.carrier).read_status(event.payload)
    if not report.known:
        return _unknown(report)
    if report.receipt == Receipt.FAILED or attempt.state == State.FAILED:
        return None
    if report.receipt != Receipt.DELIVERED or attempt.receipt == Receipt.DELIVERED:
        return NOTHING_NEW
    attempt.receipt = Receipt.DELIVERED
    return APPLIED


def _update(attempt: Attempt, event: CarrierEvent) -> Result:
    """Update the attempt. Return the event's result."""
    if attempt.carrier_id not in {"", event.carrier_id}:
        return OTHER_ID
    report = carriers.get(event.carrier).read_status(event.payload)
    # Whatever it reports, it has our key, so the carrier has the text, even if its response hasn't
    # arrived or wasn't stored.
    accepted = Accepted(event.carrier_id, {"callback": event.payload})
    is_open = attempt.state in Attempt.OPEN
    was_unknown = is_open and results.mark_accepted(attempt, accepted, at=event.received)
    if was_unknown:
        attempt.refresh_from_db()
    outcome, note = _apply(attempt, report)
    return ACCEPTED if was_unknown and outcome == Outcome.IGNORED else (outcome, note)


def _apply(attempt: Attempt, report: StatusReport) -> Result:
    if not report.known:
        return _unknown(report)
    if report.receipt == Receipt.FAILED:
        return _apply_failure(attempt, report)
    if report.receipt == Receipt.DELIVERED:
        return _apply_delivery(attempt)
    return NOTHING_NEW


def _unknown(report: StatusReport) -> Result:
    return Outcome.IGNORED, f"Ignored: unknown status {quote(report.state)}."[:200]


def _apply_failure(attempt: Attempt, report: StatusReport) -> Result:
    if not concerns_the_text(attempt.carrier, report.code):
        return Outcome.IGNORED, f"Ignored: code {report.code} isn't about the text sent."[:200]
    if attempt.state == State.FAILED and (attempt.code or not report.code):
        return FAILED_BEFORE
    results.mark_undelivered(attempt, Failure.reported(attempt.carrier, report))
    return APPLIED


def _apply_delivery(attempt: Attempt) -> Result:
    if attempt.state == State.FAILED:
        return RETRY_CANCELED if results.cancel_retry(attempt) else FAILED_BEFORE
    if attempt.receipt == Receipt.DELIVERED:
        return NOTHING_NEW
    results.mark_delivered(attempt)
    return APPLIED

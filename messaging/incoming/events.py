"""What carriers report: stored as it came, then applied until that succeeded once.

An event that matches nothing yet waits. It is tried again when an attempt gets the carrier's id it
names, and by the worker: soon when it was never looked at, seldom when its note says what it lacks.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from messaging.carriers import Callback
from messaging.incoming import receipts, texts
from messaging.models import Attempt, CarrierEvent

log = structlog.get_logger(__name__)

Kind, Outcome = CarrierEvent.Kind, CarrierEvent.Outcome

APPLIERS = {Kind.STATUS: receipts.apply, Kind.INBOUND: texts.apply}

# Carriers repeat a callback for a day; after two nothing new will make it match.
RECENT = timedelta(days=2)
# Events at a time, so that the worker comes back to sending soon.
SWEPT = 500


def store(
    carrier_key: str, kind: CarrierEvent.Kind, callbacks: Iterable[Callback]
) -> list[CarrierEvent]:
    """Keep these callbacks; one that came before is not kept twice. Answers them all as rows."""
    rows = [
        CarrierEvent(
            carrier=carrier_key,
            kind=kind,
            event_id=callback.event_id,
            carrier_id=callback.carrier_id,
            attempt_key=callback.attempt_key,
            payload=[list(pair) for pair in callback.payload],
        )
        for callback in callbacks
    ]
    CarrierEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return list(
        CarrierEvent.objects.filter(
            carrier=carrier_key, kind=kind, event_id__in=[row.event_id for row in rows]
        ).order_by("id")
    )


def apply(event: CarrierEvent) -> None:
    """Do what this event says, unless it was done before: two at once do it once."""
    with transaction.atomic():
        row = CarrierEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        if row.outcome == Outcome.WAITING:
            row.note = ""
            APPLIERS[Kind(row.kind)](row)
            row.save(update_fields=["outcome", "note", "attempt", "message"])


def apply_or_wait(event: CarrierEvent) -> None:
    """Apply a stored event; whatever goes wrong, it is kept and tried again."""
    try:
        apply(event)
    except Exception as error:
        log.exception("callback_not_applied", callback=event.pk)
        rows = CarrierEvent.objects.filter(pk=event.pk, outcome=Outcome.WAITING)
        with suppress(DatabaseError):  # which may be what went wrong
            rows.update(note=f"Could not be applied: {error!r}"[:200])


def apply_early(attempts: Iterable[Attempt]) -> None:
    """Apply the receipts that came before we had written what the carrier calls these attempts."""
    ids: dict[str, list[str]] = {}
    for attempt in attempts:
        ids.setdefault(attempt.carrier, []).append(attempt.carrier_id)
    for carrier, carrier_ids in ids.items():
        _apply_all(Q(kind=Kind.STATUS, carrier=carrier, carrier_id__in=carrier_ids))


def apply_named(attempts: Iterable[Attempt]) -> None:
    """Apply the receipts that carry these attempts' keys: each proves that the carrier has it."""
    keys = [attempt.key for attempt in attempts]
    if keys:
        _apply_all(Q(kind=Kind.STATUS, attempt_key__in=keys))


def apply_waiting(*, noted: bool = False) -> int:
    """Apply recent events that still wait. Answers how many were tried.

    Without `noted` only those that nobody has looked at, since a process died or a database failed
    in between.
    """
    recent = Q(received__gte=timezone.now() - RECENT)
    return _apply_all(recent if noted else recent & Q(note=""))


def _apply_all(which: Q) -> int:
    events = CarrierEvent.objects.filter(which, outcome=Outcome.WAITING).order_by("id")[:SWEPT]
    for event in events:
        apply_or_wait(event)
    return len(events)

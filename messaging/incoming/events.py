"""Carriers' callbacks: stored as received, then processed until that succeeds once.

An event that matches nothing yet waits. It's processed again when an attempt gets the carrier's ID
that it names, and by the worker: soon if it was never processed, rarely if it has a note.
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

# Each sets the outcome, the note, and the relations of the event.
RECORDERS = {Kind.STATUS: receipts.record, Kind.INBOUND: texts.record}

# Carriers repeat a callback for a day. After two days, nothing new can make it match.
RECENT = timedelta(days=2)
# Events per run, so that the worker returns to sending soon.
BATCH = 500


def store(
    carrier_key: str, kind: CarrierEvent.Kind, callbacks: Iterable[Callback]
) -> list[CarrierEvent]:
    """Store these callbacks, each only once. Return all of them as rows."""
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


def process(event: CarrierEvent) -> None:
    """Process a stored event. If anything fails, keep it for the next try."""
    try:
        _process_once(event)
    except Exception as error:
        log.exception("callback_failed", callback=event.pk)
        rows = CarrierEvent.objects.filter(pk=event.pk, outcome=Outcome.WAITING)
        with suppress(DatabaseError):  # the database may be what failed
            rows.update(note=f"Couldn't be processed: {error!r}"[:200])


def process_by_key(attempts: Iterable[Attempt]) -> None:
    """Process waiting receipts with these attempts' keys: each proves that the carrier has it."""
    keys = [attempt.key for attempt in attempts]
    if keys:
        _process_all(Q(kind=Kind.STATUS, attempt_key__in=keys))


def process_by_carrier_id(attempts: Iterable[Attempt]) -> None:
    """Process receipts that arrived before the carrier's IDs of these attempts were stored."""
    ids: dict[str, list[str]] = {}
    for attempt in attempts:
        ids.setdefault(attempt.carrier, []).append(attempt.carrier_id)
    for carrier, carrier_ids in ids.items():
        _process_all(Q(kind=Kind.STATUS, carrier=carrier, carrier_id__in=carrier_ids))


def process_waiting(*, noted: bool = False) -> int:
    """Process recent events that still wait. Return their number.

    Without `noted`, only those never processed, because a process died or a database failed.
    """
    recent = Q(received__gte=timezone.now() - RECENT)
    return _process_all(recent if noted else recent & Q(note=""))


def _process_all(condition: Q) -> int:
    events = CarrierEvent.objects.filter(condition, outcome=Outcome.WAITING).order_by("id")[:BATCH]
    for event in events:
        process(event)
    return len(events)


def _process_once(event: CarrierEvent) -> None:
    """Process this event once, even if two processes try at the same time."""
    with transaction.atomic():
        row = CarrierEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
        if row.outcome == Outcome.WAITING:
            row.note = ""
            RECORDERS[Kind(row.kind)](row)
            row.save(update_fields=["outcome", "note", "attempt", "message"])

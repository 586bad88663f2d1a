"""Carriers' callbacks: stored as received, then processed by the worker until that succeeds once.

A web process only stores a callback, in one statement, so that it can respond at once. Keywords
such as STOP are the exception: nobody may text that person a moment later.

An event that matches nothing yet waits. It's processed again when an attempt gets the carrier's ID
that it names, and by the worker: soon if it was never processed, rarely if it has a note.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import structlog
from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from messaging import carriers
from messaging.carriers import Callback
from messaging.incoming import groups, optouts, receipts, texts
from messaging.models import Attempt, CarrierEvent, UnmatchedText
from smscenter.middleware.full_disk import is_disk_full

log = structlog.get_logger(__name__)

Kind, Outcome = CarrierEvent.Kind, CarrierEvent.Outcome

# Each sets the outcome, the note, and the relations of the event.
RECORDERS = {Kind.STATUS: receipts.record, Kind.INBOUND: texts.record}

# Carriers repeat a callback for a day. After two days, nothing new can make it match.
RECENT = timedelta(days=2)
# Events per run, so that the worker returns to sending soon.
BATCH = 500
# Events that are processed together, and how long those may take that aren't, in seconds.
GROUP = 200
SECONDS = 0.1


def store(carrier_key: str, kind: CarrierEvent.Kind, callbacks: Iterable[Callback]) -> None:
    """Store these callbacks, each only once."""
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
    CarrierEvent.objects.insert(rows)


def process_keywords(carrier_key: str, callbacks: Iterable[Callback]) -> None:
    """Process those of these stored texts that must count before the carrier gets a response.

    If that fails, the worker processes them.
    """
    adapter = carriers.get(carrier_key)
    try:
        ids = [
            callback.event_id
            for callback in callbacks
            if optouts.is_urgent(adapter.read_incoming(callback.payload))
        ]
        if ids:
            _process_all(Q(carrier=carrier_key, kind=Kind.INBOUND, event_id__in=ids))
    except Exception:
        log.exception("callback_failed", carrier=carrier_key)


def process(event: CarrierEvent, *, skip_locked: bool = False) -> bool:
    """Process a stored event. If anything fails, keep it for the next try.

    Return False if nothing changed. `skip_locked` doesn't wait for another process.
    """
    try:
        return _process_once(event, skip_locked=skip_locked)
    except Exception as error:
        log.exception("callback_failed", callback=event.pk)
        if isinstance(error, OperationalError):
            return False  # a deadlock or an outage: nothing's wrong with the event
        rows = CarrierEvent.objects.filter(pk=event.pk, outcome=Outcome.WAITING)
        with suppress(DatabaseError):  # the database may be what failed
            return bool(rows.update(note=f"Couldn't be processed: {error!r}"[:200]))
        return False


def process_new() -> int:
    """Process events that nobody has processed yet, for a moment. Return their number.

    The worker calls this all the time. It takes one query if there's nothing new.
    """
    if not CarrierEvent.objects.new().exists():
        return 0
    end = time.monotonic() + SECONDS
    processed, others = _process_group()
    for event in others:
        processed += process(event, skip_locked=True)
        if time.monotonic() > end:
            break
    return processed


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


def process_waiting() -> int:
    """Process recent events that still wait, also those with a note. Return their number.

    Texts in the inbox for unknown senders are processed once a lead has their number.
    """
    recent = Q(received__gte=timezone.now() - RECENT, unmatched=None)
    known = UnmatchedText.objects.open().with_lead().order_by("id")[:BATCH]
    ids = list(known.values_list("event", flat=True))
    return _process_all(recent) + (_process_all(Q(pk__in=ids)) if ids else 0)


def _process_group() -> tuple[int, list[CarrierEvent]]:
    """Process a group of new events. Return their number, and those to process one by one.

    If that fails, no event of the group was processed, and one of them may be the cause. Raises
    OperationalError if the disk is full, for all would fail.
    """
    rows: list[CarrierEvent] = []
    try:
        with transaction.atomic():
            new = CarrierEvent.objects.new().order_by("id")
            rows += new.select_for_update(skip_locked=True, of=("self",))[:GROUP]
            others = groups.process(rows)
    except Exception as error:
        if not rows or is_disk_full(error):
            raise
        log.exception("callback_group_failed", callbacks=len(rows))
        return 0, rows
    return len(rows) - len(others), others


def _process_all(condition: Q) -> int:
    events = CarrierEvent.objects.filter(condition, outcome=Outcome.WAITING).order_by("id")[:BATCH]
    for event in events:
        process(event)
    return len(events)


def _process_once(event: CarrierEvent, *, skip_locked: bool) -> bool:
    """Process this event once, even if two processes try at the same time."""
    with transaction.atomic():
        rows = CarrierEvent.objects.select_for_update(skip_locked=skip_locked, of=("self",))
        row = rows.filter(pk=event.pk).first()
        if row is None:
            return False
        if row.outcome == Outcome.WAITING:
            row.note = ""
            RECORDERS[Kind(row.kind)](row)
            row.save(update_fields=["outcome", "note", "attempt", "message"])
    return True

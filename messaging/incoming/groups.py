"""Process receipts in groups: a few statements for all of them, instead of a dozen for each.

Almost all receipts report a delivery, or nothing new. The others are processed one by one, with
all receipts of the same text, so that they're processed in order.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import Attempt, CarrierEvent, SmsMessage
from messaging.outgoing.tracing import traced

log = structlog.get_logger(__name__)

Receipt = SmsMessage.Receipt

# A text as its carrier knows it: the carrier's key, and its ID.
TextId = tuple[str, str]
Decision = tuple[CarrierEvent, Attempt, receipts.Result]


def process(events: Iterable[CarrierEvent]) -> list[CarrierEvent]:
    """Process these events where that's simple. Return the others, in the same order.

    The caller holds the events' locks, and a transaction. This waits for no one who holds the lock
    of an attempt: their events are among the others.
    """
    events = list(events)
    decided = _decide(events)
    _mark_delivered(attempt for _, attempt, result in decided if result == receipts.APPLIED)
    _close(decided)
    done = {event.pk for event, _, _ in decided}
    return [event for event in events if event.pk not in done]


def _decide(events: list[CarrierEvent]) -> list[Decision]:
    by_text: dict[TextId, list[CarrierEvent]] = defaultdict(list)
    for event in events:
        if event.kind == CarrierEvent.Kind.STATUS:
            by_text[event.carrier, event.carrier_id].append(event)
    decided: list[Decision] = []
    for attempt in _lock_attempts(by_text):
        about_it = by_text[attempt.carrier, attempt.carrier_id]
        results = [receipts.simple_result(attempt, event) for event in about_it]
        decided += [
            (event, attempt, result)
            for event, result in zip(about_it, results, strict=True)
            if result and None not in results
        ]
    return decided


def _lock_attempts(text_ids: Iterable[TextId]) -> list[Attempt]:
    """Return the attempts with these IDs that nobody has locked, and lock them and their messages.

    Messages are locked in the order of their leads, like everywhere, so that nobody deadlocks.
    """
    by_carrier: dict[str, list[str]] = defaultdict(list)
    for carrier, carrier_id in text_ids:
        by_carrier[carrier].append(carrier_id)
    attempts: list[Attempt] = []
    for carrier, carrier_ids in by_carrier.items():
        rows = Attempt.objects.with_carrier_ids(carrier, carrier_ids)
        rows = rows.exclude(state__in=Attempt.OPEN).order_by("id")
        attempts += rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    messages = SmsMessage.objects.filter(pk__in=[attempt.message_id for attempt in attempts])
    messages = messages.select_for_update(no_key=True, of=("self",)).order_by("lead_id", "id")
    list(messages.values_list("pk"))
    return attempts


def _mark_delivered(delivered: Iterable[Attempt]) -> None:
    """Record reported deliveries, like `results.mark_delivered`."""
    ids = [attempt.pk for attempt in delivered]
    if not ids:
        return
    rows = Attempt.objects.filter(pk__in=ids)
    rows.update(receipt=Receipt.DELIVERED)
    newer = Attempt.objects.filter(message=OuterRef("message"), number__gt=OuterRef("number"))
    SmsMessage.objects.filter(
        pk__in=rows.exclude(Exists(newer)).values("message"), status=SmsMessage.Status.SENT
    ).update(receipt=Receipt.DELIVERED, updated=timezone.now())


def _close(decided: Sequence[Decision]) -> None:
    by_result: dict[receipts.Result, list[int]] = defaultdict(list)
    for event, _, result in decided:
        by_result[result].append(event.pk)
    for (outcome, note), ids in by_result.items():
        CarrierEvent.objects.filter(pk__in=ids).update(
            outcome=outcome,
            note=note,
            attempt=Subquery(_attempt_of_event().values("pk")),
            message=Subquery(_attempt_of_event().values("message")),
        )
    for event, attempt, (outcome, _) in decided:
        with traced(attempt, event.request_id):
            log.info("callback_processed", callback=event.pk, outcome=outcome)


def _attempt_of_event() -> QuerySet[Attempt]:
    has_id = ~Q(carrier_id="")  # see `with_carrier_ids`
    return Attempt.objects.filter(
        has_id, carrier=OuterRef("carrier"), carrier_id=OuterRef("carrier_id")
    ).order_by()

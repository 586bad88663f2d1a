"""Claims of due attempts: under a lease, and within the rate of their sender numbers."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging.carriers.deadlines import Deadline
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.models.attempt import AttemptQuerySet

# A sender number may be this far ahead of its rate. At ten per second, ten texts go out at once,
# and then one by one.
BURST = timedelta(seconds=1)


@dataclass(frozen=True)
class Claim:
    """Attempts under one lease, in the order in which they are due.

    A request that begins after `begin_by` might reach the carrier when another worker has taken
    over.
    """

    lease: uuid.UUID
    begin_by: Deadline
    attempts: list[Attempt]


def claim(limit: int, at: datetime | None = None) -> Claim:
    """Claim up to `limit` due attempts that their senders' rates allow now."""
    seconds = settings.SEND_LEASE_SECONDS
    # Set this first: a worker that is paused before the next line then only loses time.
    begin_by = Deadline.after(seconds - settings.CARRIER_TIMEOUT_SECONDS)
    now, lease = at or timezone.now(), uuid.uuid4()
    until = now + timedelta(seconds=seconds)
    if not Attempt.objects.claimable(now).exists():
        return Claim(lease, begin_by, [])
    rows = _without_busy_senders(now).select_related("message")
    with transaction.atomic():
        attempts = rows.claim(limit, at=now, until=until, lease=lease, choose=partial(_paced, now))
        _leave_schedule(attempt.message for attempt in attempts)
    return Claim(lease, begin_by, attempts)


def begin(claim: Claim, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Store that these attempts begin, and return those whose lease this worker still has.

    Call this right before the request. A worker that takes one over later then knows that the
    carrier may have the text.
    """
    now = timezone.now()
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts])
    ours = rows.under(claim.lease).filter(lease_until__gt=now)
    begun = ours.update(started=Coalesce("started", Value(now)), claims=F("claims") + 1)
    if begun != len(attempts):
        ids = set(ours.values_list("pk", flat=True))
        attempts = [attempt for attempt in attempts if attempt.pk in ids]
    for attempt in attempts:
        attempt.started = attempt.started or now
        attempt.claims += 1
    return list(attempts)


def undo_begin(attempt: Attempt, lease: uuid.UUID, *, first: bool, missed: bool) -> None:
    """Release an attempt for which nothing was sent after `begin`, unless the lease was lost.

    `first` means that it had never begun before. `missed` means that it was about to be resent
    because the carrier didn't have it. The carrier then has to be asked once more.
    """
    fields: dict[str, Any] = {"claims": F("claims") - 1}
    if first:
        fields["started"] = None
    if missed:
        fields["misses"] = F("misses") - 1
    rows = Attempt.objects.filter(pk=attempt.pk).under(lease)
    rows.release(**fields)


def release(claim: Claim, attempts: Iterable[Attempt]) -> None:
    """Release attempts that have not begun."""
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts])
    rows.under(claim.lease).release()


def _without_busy_senders(now: datetime) -> AttemptQuerySet:
    """Return all attempts but those of senders that have to wait.

    Otherwise a long queue of one sender would hide everyone else's.
    """
    active = SenderNumber.objects.filter(next_send_at__gt=now)
    if busy := [sender.pk for sender in active if not _has_slot(sender, now)]:
        return Attempt.objects.exclude(message__sender__in=busy)
    return Attempt.objects.all()


def _paced(now: datetime, attempts: list[Attempt]) -> list[Attempt]:
    """Return those that their senders' rates allow now. All workers lock senders in one order."""
    ids = {a.message.sender_id for a in attempts if a.message.sender_id is not None}
    rows = SenderNumber.objects.select_for_update(no_key=True).order_by("pk")
    senders = {sender.pk: sender for sender in rows.filter(pk__in=ids)}
    allowed = []
    for attempt in attempts:
        sender = senders.get(attempt.message.sender_id or 0)
        if sender is None:
            allowed.append(attempt)
        elif _has_slot(sender, now):
            sender.next_send_at = _next_slot(sender, now) + _gap(sender)
            sender.count_today(1, now)
            allowed.append(attempt)
        elif sender.room_today(now) == 0:  # The cap was lowered.
            sender.count_today(0, now)
    SenderNumber.objects.bulk_update(senders.values(), ["next_send_at", "cap_day", "cap_used"])
    return allowed


def _next_slot(sender: SenderNumber, now: datetime) -> datetime:
    return max(sender.next_send_at or now, now)


def _gap(sender: SenderNumber) -> timedelta:
    return timedelta(seconds=1 / sender.rate)


def _has_slot(sender: SenderNumber, now: datetime) -> bool:
    has_room = sender.room_today(now) != 0
    return has_room and _next_slot(sender, now) + _gap(sender) <= now + BURST


def _leave_schedule(messages: Iterable[SmsMessage]) -> None:
    """Move scheduled texts to the outbox, sorted by lead so that triggers don't deadlock."""
    waited = [message for message in messages if message.status == SmsMessage.Status.SCHEDULED]
    for message in sorted(waited, key=lambda message: message.lead_id):
        SmsMessage.objects.filter(pk=message.pk).update(
            status=SmsMessage.Status.OUTBOX, updated=timezone.now()
        )

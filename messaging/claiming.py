"""Which attempts a worker takes: due ones, under a lease, within the rate of their sender."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from messaging.models import Attempt, SenderNumber, SmsMessage

# A sender may be this far ahead of its rate: ten a second go out as ten at once, then one by one.
BURST = timedelta(seconds=1)


@dataclass(frozen=True)
class Claim:
    """Attempts in the order in which they are due; nobody else takes them before `until`."""

    lease: uuid.UUID
    until: datetime
    attempts: list[Attempt]

    @property
    def hand_over_by(self) -> datetime:
        """After that the carrier's answer might come when another worker has taken over."""
        return self.until - timedelta(seconds=settings.CARRIER_TIMEOUT_SECONDS)


def claim(limit: int, at: datetime | None = None) -> Claim:
    """Take up to `limit` attempts, in one short transaction that waits for no other worker."""
    now = at or timezone.now()
    taken = Claim(uuid.uuid4(), now + timedelta(seconds=settings.SEND_LEASE_SECONDS), [])
    with transaction.atomic():
        taken.attempts.extend(_paced(_claimable(limit, now), now))
        _write(taken)
    return taken


def release(claim: Claim, attempts: Iterable[Attempt]) -> None:
    """Give back what was not handed over, as if it had not been taken."""
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts])
    rows.held(claim.lease).update(
        state=Attempt.State.QUEUED, lease=None, lease_until=None, claims=F("claims") - 1
    )


def _claimable(limit: int, now: datetime) -> list[Attempt]:
    rows = Attempt.objects.claimable(now).order_by("due", "id")
    active = SenderNumber.objects.filter(next_send_at__gt=now)
    if busy := [sender.pk for sender in active if not _has_slot(sender, now)]:
        # Otherwise a long queue of one sender would hide everyone else's.
        rows = rows.exclude(message__sender__in=busy)
    rows = rows.select_related("message").select_for_update(skip_locked=True, of=("self",))
    return list(rows[:limit])


def _paced(attempts: list[Attempt], now: datetime) -> list[Attempt]:
    """Those that their sender's rate allows now. Senders are locked in one order by all workers."""
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
            allowed.append(attempt)
    SenderNumber.objects.bulk_update(senders.values(), ["next_send_at"])
    return allowed


def _next_slot(sender: SenderNumber, now: datetime) -> datetime:
    return max(sender.next_send_at or now, now)


def _gap(sender: SenderNumber) -> timedelta:
    return timedelta(seconds=1 / sender.rate)


def _has_slot(sender: SenderNumber, now: datetime) -> bool:
    return _next_slot(sender, now) + _gap(sender) <= now + BURST


def _write(taken: Claim) -> None:
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in taken.attempts])
    rows.update(
        state=Attempt.State.SENDING,
        lease=taken.lease,
        lease_until=taken.until,
        claims=F("claims") + 1,
    )
    for attempt in taken.attempts:
        attempt.claims += 1
    waited = [a.message for a in taken.attempts if a.message.status == SmsMessage.Status.SCHEDULED]
    for message in sorted(waited, key=lambda message: message.lead_id):
        SmsMessage.objects.filter(pk=message.pk).update(
            status=SmsMessage.Status.OUTBOX, updated=timezone.now()
        )

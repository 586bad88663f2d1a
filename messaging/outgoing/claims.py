"""Claims of due attempts: under a lease, within the rate of their sender numbers, and fair.

Each sender number has its own queue, and a claim takes a few attempts from each. So one text never
waits for the ten thousand of someone else, and a claim reads as many rows as it takes, however long
the queues are.
"""

import math
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging.carriers import breaker
from messaging.carriers.deadlines import Deadline
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.models.attempt import AttemptQuerySet
from messaging.models.sender import SenderNumberQuerySet
from smscenter.accounts.models import Organization
from smscenter.database.prepared import Prepared

# A sender number may be this far ahead of its rate. At ten per second, ten texts go out at once,
# and then one by one.
BURST = timedelta(seconds=1)
# How many sender numbers share a claim at most. Those served longest ago come first.
SENDERS = 20


Rows = TypeVar("Rows", AttemptQuerySet, SenderNumberQuerySet)


@dataclass(frozen=True)
class Claim:
    """Attempts under one lease.

    A request that begins after `begin_by` might reach the carrier when another worker has taken
    over.
    """

    lease: uuid.UUID
    begin_by: Deadline
    attempts: list[Attempt]


@dataclass(frozen=True)
class Scope:
    """What a claim may take: attempts of one carrier, or of all carriers with ''.

    Texts of paused carriers are left waiting.
    """

    carrier: str = ""

    @property
    def is_paused(self) -> bool:
        return breaker.is_paused(self.carrier)

    def of(self, rows: Rows) -> Rows:
        return rows.filter(carrier=self.carrier) if self.carrier else rows

    def due_probes(self, at: datetime) -> list[str]:
        """Return the paused carriers to which a text can be sent now, as a probe."""
        return [key for key in breaker.due_probes(at) if self.carrier in {"", key}]

    def senders(self) -> SenderNumberQuerySet:
        """Return the sender numbers from which texts can be sent now."""
        rows = SenderNumber.objects.exclude(carrier__in=breaker.paused())
        # Nothing is sent for an organization that's going to be deleted.
        return self.of(rows.exclude(organization__in=Organization.objects.being_deleted()))

    def attempts(self) -> AttemptQuerySet:
        """Return the attempts that can be taken over, and those without a sender number."""
        return self.of(Attempt.objects.exclude(carrier__in=breaker.paused()))


EVERYTHING = Scope()


def is_anything_due(scope: Scope = EVERYTHING) -> bool:
    """Return whether there's something to claim, in one query whose cost the queue doesn't change.

    It reads one row for each sender number. Texts of paused carriers count: a claim looks again
    whether they are still paused.
    """
    now = timezone.now()
    senders = _with_due_texts(scope.of(SenderNumber.objects.all()), now).order_by().values("pk")
    attempts = scope.of(Attempt.objects.all())
    expired = attempts.expired(now).order_by().values("pk")
    unnumbered = attempts.filter(sender=None).due(now).order_by().values("pk")
    return senders.union(expired, unnumbered, all=True).exists()


def claim(
    limit: int, at: datetime | None = None, scope: Scope = EVERYTHING, *, taking_over: bool = True
) -> Claim:
    """Claim up to `limit` due attempts that their senders' rates allow now.

    With `taking_over`, first those of workers that disappeared. If a carrier is paused, claim at
    most one of its texts, as a probe.
    """
    seconds = settings.SEND_LEASE_SECONDS
    # Set this first: a worker that is paused before the next line then only loses time.
    begin_by = Deadline.after(seconds - settings.CARRIER_TIMEOUT_SECONDS)
    now, lease = at or timezone.now(), uuid.uuid4()
    breaker.refresh()
    with transaction.atomic():
        attempts = [probe for key in scope.due_probes(now) for probe in _probe(key, now)]
        if not scope.is_paused:
            attempts += _left_behind(limit, now, scope) if taking_over else []
            attempts += _due(limit - len(attempts), now, scope)
        if attempts:
            Attempt.objects.hold(attempts, until=now + timedelta(seconds=seconds), lease=lease)
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
    if rows.release(**fields):
        _uncount([attempt])


def release(claim: Claim, attempts: Sequence[Attempt]) -> None:
    """Release attempts that have not begun."""
    rows = Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts])
    if rows.under(claim.lease).release() == len(attempts):
        _uncount(attempts)


def postpone(attempt: Attempt, lease: uuid.UUID, *, due: datetime) -> bool:
    """Release an attempt that has not begun until it's due, unless the lease was lost."""
    if Attempt.objects.filter(pk=attempt.pk).under(lease).release(due=due) != 1:
        return False
    _uncount([attempt])
    return True


def wait(attempt: Attempt, lease: uuid.UUID, *, misses: int, may_have_arrived: bool) -> bool:
    """Let an attempt wait until its carrier responds again, unless the lease was lost.

    Failed requests during an outage don't count. The next probe is another text, in case this one
    is the problem.
    """
    done = min(misses, 1)
    fields: dict[str, Any] = {"misses": misses, "questions": done, "claims": done}
    if not may_have_arrived:
        fields["started"] = None
    if attempt.pk in breaker.known.probes:
        fields["due"] = timezone.now()
    if Attempt.objects.filter(pk=attempt.pk).under(lease).release(**fields) != 1:
        return False
    _uncount([attempt])
    return True


def _uncount(attempts: Iterable[Attempt]) -> None:
    """Take released attempts out of their sender's daily cap: they're counted again when claimed.

    One that a worker takes over isn't counted again, so each text counts once.
    """
    released = Counter(each.sender for each in attempts if each.sender and each.sender.daily_cap)
    for sender, number in released.items():
        rows = SenderNumber.objects.filter(pk=sender.pk, cap_used__gte=number)
        rows.update(cap_used=F("cap_used") - number)


def _probe(carrier: str, now: datetime) -> list[Attempt]:
    """Lock one text of a paused carrier, unless another worker sends the probe.

    A text that was never sent is best: others need lookups first, which prove nothing.
    """
    rows = Attempt.objects.filter(carrier=carrier)
    rows = rows.exclude(organization__in=Organization.objects.being_deleted())
    if not rows.claimable(now).exists() or not breaker.take_probe(carrier, now):
        return []
    rows = rows.select_related("message", "sender").unlocked()
    for found in (rows.filter(started=None).due(now), rows.due(now), rows.expired(now)):
        if probes := _paced(list(found[:1]), now):
            breaker.known.probes.update(probe.pk for probe in probes)
            return probes
    return []


def _left_behind(limit: int, now: datetime, scope: Scope) -> list[Attempt]:
    """Lock attempts whose lease has expired, and those without a sender number.

    There are seldom any, and to see that takes a tenth of the time of the queries that lock them.
    """
    rows = scope.attempts().select_related("message", "sender").unlocked()
    attempts = []
    if _expired(now):
        expired = rows.filter(_has_slot("sender__", now)).expired(now)[: limit // 2 + 1]
        attempts = _paced(list(expired), now)
    if _unnumbered(now):
        attempts += rows.filter(sender=None).due(now)[: limit - len(attempts)]
    return attempts


@Prepared
def _expired(now: datetime) -> QuerySet[Attempt, Any]:
    return Attempt.objects.expired(now).values_list("pk")[:1]


@Prepared
def _unnumbered(now: datetime) -> QuerySet[Attempt, Any]:
    return Attempt.objects.filter(sender=None).due(now).values_list("pk")[:1]


def _due(limit: int, now: datetime, scope: Scope) -> list[Attempt]:
    """Lock due attempts of several sender numbers, a share for each."""
    attempts: list[Attempt] = []
    senders = list(_senders(scope, now)[:SENDERS]) if limit else []
    for position, sender in enumerate(senders):
        share = math.ceil((limit - len(attempts)) / (len(senders) - position))
        rows = Attempt.objects.select_related("message").filter(sender=sender).unlocked().due(now)
        rows = rows.exclude(carrier__in=breaker.paused())
        found = list(rows[: min(share, _slots(sender, now))])
        for attempt in found:
            attempt.sender = sender
        _take_slots(sender, len(found), now)
        attempts += found
    _store_slots(senders)
    return attempts


def _paced(attempts: list[Attempt], now: datetime) -> list[Attempt]:
    """Return those that their senders' rates allow now. All workers lock senders in one order."""
    if not attempts:
        return []
    ids = [attempt.sender_id for attempt in attempts if attempt.sender_id]
    rows = SenderNumber.objects.select_for_update(no_key=True).order_by("pk").filter(pk__in=ids)
    senders = {sender.pk: sender for sender in rows}
    allowed = []
    for attempt in attempts:
        sender = senders.get(attempt.sender_id or 0)
        is_counted = attempt.state == Attempt.State.SENDING  # by the worker that disappeared
        if sender is None:
            allowed.append(attempt)
        elif _slots(sender, now, is_counted=is_counted):
            _take_slots(sender, 1, now, is_counted=is_counted)
            allowed.append(attempt)
    _store_slots(senders.values())
    return allowed


def _senders(scope: Scope, now: datetime) -> SenderNumberQuerySet:
    """Lock the sender numbers with due texts, those served longest ago first.

    Without those that another worker is serving.
    """
    rows = scope.senders().filter(_has_slot("", now), SenderNumber.below_cap(now))
    senders = _with_due_texts(rows, now)
    senders = senders.order_by(F("next_send_at").asc(nulls_first=True))
    return senders.select_for_update(skip_locked=True, no_key=True, of=("self",))


def _with_due_texts(senders: SenderNumberQuerySet, now: datetime) -> SenderNumberQuerySet:
    """Return those of these numbers from which texts are due. Reads one row for each.

    EXISTS would read whole queues when the database joins them.
    """
    first = Attempt.objects.filter(sender=OuterRef("pk"), state=Attempt.State.QUEUED)
    first_due = Subquery(first.order_by("due", "id").values("due")[:1])
    return senders.alias(first_due=first_due).filter(first_due__lte=now)


def _has_slot(path: str, now: datetime) -> Q:
    """Return a condition that most numbers without a slot don't meet. They would hide others."""
    name = f"{path}next_send_at"
    return Q((name, None)) | Q((f"{name}__lt", now + BURST))


def _slots(sender: SenderNumber, now: datetime, *, is_counted: bool = False) -> int:
    """Return how many texts the sender's rate and its daily cap allow now.

    The cap allows those that are counted already.
    """
    by_rate = max(0, (now + BURST - _next_slot(sender, now)) // _gap(sender))
    today = sender.room_today(now)
    return by_rate if today is None or is_counted else min(by_rate, today)


def _take_slots(
    sender: SenderNumber, number: int, now: datetime, *, is_counted: bool = False
) -> None:
    sender.next_send_at = _next_slot(sender, now) + _gap(sender) * number
    if not is_counted:
        sender.count_today(number, now)


def _store_slots(senders: Iterable[SenderNumber]) -> None:
    for sender in senders:
        SenderNumber.objects.filter(pk=sender.pk).update(
            next_send_at=sender.next_send_at, cap_day=sender.cap_day, cap_used=sender.cap_used
        )


def _next_slot(sender: SenderNumber, now: datetime) -> datetime:
    return max(sender.next_send_at or now, now)


def _gap(sender: SenderNumber) -> timedelta:
    return timedelta(seconds=1 / sender.rate)


def _leave_schedule(messages: Iterable[SmsMessage]) -> None:
    """Move scheduled texts to the outbox."""
    waited = [m.pk for m in messages if m.status == SmsMessage.Status.SCHEDULED]
    if waited:
        rows = SmsMessage.objects.filter(pk__in=waited)
        rows.lock_leads()
        rows.update(status=SmsMessage.Status.OUTBOX, updated=timezone.now())

"""The worker's job: prepare and send what people have created, a step of each in turn."""

import time
from datetime import timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone

from messaging.models import BulkSend
from messaging.models.bulk import BulkSendQuerySet
from messaging.outgoing.bulk import preparation, sending
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

# Per run, because the same thread sends mail.
SECONDS = 2.0
# How often to look at one that has nothing to do, and at one that waits for a known time.
NAP, LONG_NAP = timedelta(seconds=0.5), timedelta(seconds=30)
# No step takes this long. If its worker dies, another one goes on then.
STEP = timedelta(seconds=30)


def run() -> None:
    """Work on all that are due, those served longest ago first. What's left is for the next run."""
    until = time.monotonic() + SECONDS
    while bulk := _claim():
        _step(bulk)
        if time.monotonic() >= until:
            break


def _due() -> BulkSendQuerySet:
    now = timezone.now()
    rows = BulkSend.objects.in_work().filter(Q(worked_until=None) | Q(worked_until__lte=now))
    return rows.order_by(F("worked_until").asc(nulls_first=True), "pk")


def _claim() -> BulkSend | None:
    """Take the one that was served longest ago, so that other workers leave it alone."""
    for pk, seen in _due().values_list("pk", "worked_until")[:5]:
        rows = BulkSend.objects.in_work().filter(pk=pk, worked_until=seen)
        if rows.update(worked_until=timezone.now() + STEP):
            found = BulkSend.objects.filter(pk=pk)
            return found.select_related("organization", "sender", "created_by").first()
    return None


def _step(bulk: BulkSend) -> None:
    by = _texter(bulk)
    if by is None:
        _pause(bulk, BulkSend.Hold.PERSON)
        return
    is_preparing = bulk.state == BulkSend.State.PREPARING
    done = preparation.prepare(bulk, by) if is_preparing else sending.send(bulk, by)
    if bulk.hold == BulkSend.Hold.SENDER:
        _pause(bulk, BulkSend.Hold.SENDER)
    again = timezone.now() + (timedelta() if done else _nap(bulk))
    # If somebody changed the state meanwhile, it's due already.
    rows = BulkSend.objects.filter(pk=bulk.pk, worked_until=bulk.worked_until)
    rows.update(worked_until=again)


def _texter(bulk: BulkSend) -> User | None:
    """Return the person who created it, unless they aren't a member anymore."""
    by = bulk.created_by
    is_member = by is not None and by.is_active and by.organization_id == bulk.organization_id
    return by if is_member else None


def _pause(bulk: BulkSend, hold: BulkSend.Hold) -> None:
    rows = BulkSend.objects.in_work().filter(pk=bulk.pk)
    rows.update(state=BulkSend.State.PAUSED, hold=hold, held_until=None)
    log.warning("bulk_paused", bulk=bulk.pk, hold=hold.value)


def _nap(bulk: BulkSend) -> timedelta:
    """Return how long nothing happens, at most: people may pause it, and limits may change."""
    if bulk.state != BulkSend.State.RUNNING:
        return NAP
    now = timezone.now()
    until = bulk.held_until or sending.next_due(bulk, now) or now
    return min(max(until - now, NAP), LONG_NAP)

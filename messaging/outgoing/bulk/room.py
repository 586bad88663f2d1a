"""How many texts of a bulk send can be made right now.

A bulk send is made little by little, so that it can be paused and stopped, and it never takes all:
a text that a rep writes to one person never waits for more than a few of a bulk send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.composing import limits
from messaging.composing.limits import BULK_PERCENT
from messaging.models import Attempt, BulkSend, SenderNumber

Hold = BulkSend.Hold

# Texts of one sender number that wait to be sent: what it sends in two seconds.
AHEAD = timedelta(seconds=2)
FEWEST_AHEAD, MOST_AHEAD = 10, 100
# A worker that's late by this much catches up.
LATE = timedelta(seconds=5)


@dataclass(frozen=True)
class Room:
    """How many texts can be made. If it's none because of a limit, which and until when."""

    texts: int
    hold: Hold = Hold.NONE
    until: datetime | None = None


def gap(bulk: BulkSend) -> timedelta:
    """Return the time between two texts."""
    return timedelta(minutes=1) / bulk.pace


def next_slot(bulk: BulkSend, now: datetime) -> datetime:
    return max(bulk.next_at or now, now - LATE)


def by_pace(bulk: BulkSend, now: datetime) -> int:
    """Return how many texts the pace allows now."""
    return max(0, (now - next_slot(bulk, now)) // gap(bulk) + 1)


def of_organization(bulk: BulkSend) -> Room:
    """Return the room in the organization's limit per hour."""
    texts, until = limits.room_for_bulk(bulk.organization, MOST_AHEAD)
    return Room(texts) if texts else Room(0, Hold.LIMIT, until)


def of_sender(sender: SenderNumber, now: datetime) -> Room:
    """Return the room in a sender number's queue, and in its daily cap."""
    ahead = min(max(sender.rate * AHEAD // timedelta(seconds=1), FEWEST_AHEAD), MOST_AHEAD)
    waiting = Attempt.objects.filter(sender=sender, state=Attempt.State.QUEUED, due__lte=now)
    queued = waiting.order_by()[:ahead].count()
    left = _left_today(sender, now)
    if left is not None and left <= queued:
        return Room(0, Hold.DAILY_CAP, sender.next_day(now))
    return Room(ahead - queued if left is None else min(ahead, left) - queued)


def _left_today(sender: SenderNumber, now: datetime) -> int | None:
    """Return how many texts bulk sends can still send today, or None without a cap."""
    today = sender.room_today(now)
    if today is None or sender.daily_cap is None:
        return None
    kept = sender.daily_cap - max(1, sender.daily_cap * BULK_PERCENT // 100)
    return max(0, today - kept)

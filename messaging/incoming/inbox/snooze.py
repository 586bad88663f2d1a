"""When a snoozed thread comes back, on the reader's clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from messaging.models import Thread

MORNING = time(8)
LATER = timedelta(hours=3)


@dataclass(frozen=True)
class Choice:
    key: str
    label: str
    until: datetime


def choices(at: datetime | None = None) -> list[Choice]:
    """Return what the menu offers. Late in the evening, nothing is later today."""
    now = timezone.localtime(at)
    today = now.date()
    later = (now + LATER).replace(minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=7 - today.weekday())
    offered = [
        Choice("later", "Later today", later),
        Choice("tomorrow", "Tomorrow", morning(today + timedelta(days=1))),
        Choice("week", "Next week", morning(monday)),
    ]
    return [each for each in offered if each.key != "later" or each.until.date() == today]


def morning(day: date) -> datetime:
    """Return 8 AM of a day in the current time zone."""
    return timezone.make_aware(datetime.combine(day, MORNING))


def first_day() -> date:
    return timezone.localdate() + timedelta(days=1)


def read(key: str, day: str, at: datetime | None = None) -> datetime | None:
    """Return the time that was chosen in the menu: a choice, or a day. None if it isn't ahead."""
    now = timezone.localtime(at)
    for choice in choices(now):
        if choice.key == key:
            return choice.until
    try:
        until = morning(date.fromisoformat(day))
    except (ValueError, OverflowError):
        return None
    return until if until > now else None


def snooze(thread: Thread, until: datetime) -> None:
    """Hide a thread until then, or until its next text."""
    rows = Thread.objects.filter(pk=thread.pk)
    rows.update(state=Thread.State.WAITING, due=until, replying=None, replying_until=None)

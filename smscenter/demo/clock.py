"""When things happened, as seen from now in the time zone of the organization."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

OFFICE_OPENS = timedelta(hours=8, minutes=30)
OFFICE_SECONDS = 8 * 60 * 60


@dataclass(frozen=True)
class Clock:
    """`now` counts by the hour, so that the same rows come out twice within it.

    Nothing lies in the future but what is scheduled. What happened today happened in the last
    three hours: whoever looks finds it fresh, also shortly after midnight.
    """

    now: datetime
    zone: ZoneInfo

    @cached_property
    def end(self) -> datetime:
        local = self.now.astimezone(self.zone)
        hour = local.replace(minute=0, second=0, microsecond=0)
        return hour if hour > self.midnight else local.replace(second=0, microsecond=0)

    @cached_property
    def midnight(self) -> datetime:
        local = self.now.astimezone(self.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def window(self) -> timedelta:
        """How much of today there is to fill; zero only in the first minute of a day."""
        end = self.end.astimezone(UTC)
        return end - max(self.midnight.astimezone(UTC), end - timedelta(hours=3))

    def today(self, share: float) -> datetime:
        """A moment of today: 0 is the begin of its window, 1 the end."""
        return (self.end.astimezone(UTC) - self.window * (1 - share)).replace(microsecond=0)

    def at(self, days_ago: int, since_midnight: timedelta) -> datetime:
        """A time of the wall clock on another day; negative days lie ahead."""
        day = self.midnight.date() - timedelta(days=days_ago)
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return (midnight + since_midnight).astimezone(UTC)

    def office(self, days_ago: int, rng: random.Random) -> datetime:
        """Some moment when people work."""
        return self.at(days_ago, OFFICE_OPENS + timedelta(seconds=rng.randrange(OFFICE_SECONDS)))

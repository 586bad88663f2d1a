"""Times relative to now, in the organization's time zone."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

OFFICE_OPENS = timedelta(hours=8, minutes=30)
OFFICE_SECONDS = 8 * 60 * 60


@dataclass(frozen=True)
class Clock:
    """Round `now` to the hour, so that two runs within it create the same rows.

    Only scheduled texts are in the future. Everything from today happened in the last three hours,
    so it looks recent, even shortly after midnight.
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
        """Return how much of today has passed; zero only in the first minute of a day."""
        end = self.end.astimezone(UTC)
        return end - max(self.midnight.astimezone(UTC), end - timedelta(hours=3))

    def today(self, share: float) -> datetime:
        """Return a time today: 0 is the start of its window, 1 the end."""
        return (self.end.astimezone(UTC) - self.window * (1 - share)).replace(microsecond=0)

    def at(self, days_ago: int, since_midnight: timedelta) -> datetime:
        """Return this time of day so many days ago; negative days are in the future."""
        day = self.midnight.date() - timedelta(days=days_ago)
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return (midnight + since_midnight).astimezone(UTC)

    def office(self, days_ago: int, rng: random.Random) -> datetime:
        """Return a random time in working hours."""
        return self.at(days_ago, OFFICE_OPENS + timedelta(seconds=rng.randrange(OFFICE_SECONDS)))

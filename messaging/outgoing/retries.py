"""When a failed text is retried automatically, if at all.

The code map says so for each code: see `Retry`. All waits are spread out, so that texts that failed
together aren't retried together.
"""

import random
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.phones import Phone
from messaging.composing import quiet_hours
from messaging.diagnosis.failures import Failure
from messaging.models.reason import Retry

# The time after the first, second, and third attempt. Then a person decides.
DELAYS = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1))
HOURS = (timedelta(hours=2), timedelta(hours=8), timedelta(hours=24))
# Sources disagree whether retrying these helps: retry once, when the phone may be back on.
ONCE = timedelta(minutes=10)
# Twilio blocks suspicious traffic for 15 to 30 minutes.
SHORTEST_BLOCK = timedelta(minutes=15)

MIDNIGHT_AT = ZoneInfo("America/Los_Angeles")
# Texts that waited for the same moment go out spread over this time.
SPREAD = timedelta(minutes=10)


def next_attempt_at(failure: Failure, attempts: int, at: datetime, to: Phone) -> datetime | None:
    """Return when to retry after this many attempts, if at all.

    It's never earlier than the carrier asked for. An earlier retry counts against a limit, too.
    """
    if attempts > most_retries(failure.retry):
        return None
    earliest = at + failure.retry_after * _stretch()
    return max(_due(failure.retry, attempts, at, to), earliest)


def most_retries(retry: Retry) -> int:
    if not retry.is_automatic:
        return 0
    return 1 if retry == Retry.ONCE else len(DELAYS)


def _due(retry: Retry, attempts: int, at: datetime, to: Phone) -> datetime:
    if retry in {Retry.TRANSIENT, Retry.ONCE}:
        delay = ONCE if retry == Retry.ONCE else DELAYS[attempts - 1]
        return at + delay * _stretch()
    if retry == Retry.MORNING:
        return _spread(quiet_hours.next_opening(to, at))
    if retry == Retry.MINUTES:
        return _by_day(to, at + SHORTEST_BLOCK, SHORTEST_BLOCK)
    if retry == Retry.HOURS:
        return _by_day(to, at + HOURS[attempts - 1])
    day_ends = _next_midnight(at) if retry == Retry.PACIFIC_DAY else at + timedelta(days=1)
    return _by_day(to, day_ends)


def _by_day(to: Phone, earliest: datetime, spread: timedelta = SPREAD) -> datetime:
    """Return a moment from then on. If it's at night there, the text waits for the morning."""
    due = _spread(earliest, spread)
    allowed = quiet_hours.first_allowed(to, due)
    return due if allowed == due else _spread(allowed)


def _spread(earliest: datetime, spread: timedelta = SPREAD) -> datetime:
    return earliest + spread * random.random()  # noqa: S311 - no secret


def _stretch() -> float:
    return random.uniform(1, 1.25)  # noqa: S311 - no secret


def _next_midnight(at: datetime) -> datetime:
    """Return the end of the carriers' day."""
    tomorrow = at.astimezone(MIDNIGHT_AT).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), MIDNIGHT_AT)

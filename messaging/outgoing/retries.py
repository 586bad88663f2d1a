"""When a failed text is retried automatically, if at all."""

import random
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.phones import Phone
from messaging.carriers import shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.composing import quiet_hours
from messaging.diagnosis.failures import Failure
from messaging.models.reason import Reason

# The time after the first, second, and third attempt. Then a person decides.
DELAYS = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1))
# Sources disagree whether retrying these helps: retry once, when the phone may be back on.
DISPUTED_DELAYS = (timedelta(minutes=10),)
DISPUTED = frozenset({Reason.UNREACHABLE, Reason.UNKNOWN})

MIDNIGHT_AT = ZoneInfo("America/Los_Angeles")
# Texts that waited for the same moment go out spread over this time.
SPREAD = timedelta(minutes=10)


def next_attempt_at(failure: Failure, attempts: int, at: datetime, to: Phone) -> datetime | None:
    """Return when to retry after this many attempts, if at all. Times are spread out."""
    delays = DISPUTED_DELAYS if failure.reason in DISPUTED else DELAYS
    if not failure.transient or attempts > len(delays):
        return None
    if start := _earliest(failure, at, to):
        return start + SPREAD * random.random()  # noqa: S311 - no secret
    return at + delays[attempts - 1] * random.uniform(1, 1.25)  # noqa: S311 - no secret


def _earliest(failure: Failure, at: datetime, to: Phone) -> datetime | None:
    """Return the moment before which a retry can't succeed, if the carrier documents one.

    An earlier retry counts against the limit, too. Such a moment may be at night: the text then
    waits for the morning where the recipient is.
    """
    if failure.reason == Reason.QUIET_HOURS:
        return quiet_hours.next_opening(to, at)
    match shipped_codes.rule(failure.code_map, failure.code):
        case Rule.PACIFIC_DAY:
            return quiet_hours.first_allowed(to, _next_midnight(at))
        case Rule.ROLLING_DAY:
            return quiet_hours.first_allowed(to, at + timedelta(days=1))
    return None


def _next_midnight(at: datetime) -> datetime:
    """Return the end of the carriers' day."""
    tomorrow = at.astimezone(MIDNIGHT_AT).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), MIDNIGHT_AT)

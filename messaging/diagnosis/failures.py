"""How a failure is read, and when the same text is tried again by itself."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from leads.phones import Phone
from messaging import carriers
from messaging.carriers import CarrierError, StatusReport
from messaging.composing import quiet_hours
from messaging.diagnosis import code_map
from messaging.models import CarrierCode
from messaging.models.reason import Reason, Retry

# Codes that status callbacks carry without the text having failed: they are about incoming texts
# and webhooks, or say that no receipt came.
NOT_FAILURES = {
    "twilio": frozenset({"30009", "30025", "30026", "30038", "30039"}),
    "bandwidth": frozenset({"9902"}),
}

# After the first attempt, the second, the third. Then a person decides.
DELAYS = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1))
# Sources disagree whether these ever go through: one more try, when a phone may be on again.
DISPUTED_DELAYS = (timedelta(minutes=10),)
DISPUTED = frozenset({Reason.UNREACHABLE, Reason.UNKNOWN})

# Limits of T-Mobile, which count from midnight to midnight Pacific time. Trying again earlier is in
# vain, and every try counts.
CAPPED_UNTIL_MIDNIGHT = {
    "twilio": frozenset({"30023", "30027"}),
    "telnyx": frozenset({"40016"}),
    "bandwidth": frozenset({"4780"}),
}
# Limits of an account, which count the last 24 hours.
CAPPED_FOR_A_DAY = {"twilio": frozenset({"63038"})}
MIDNIGHT_AT = ZoneInfo("America/Los_Angeles")
# Everything that waited for the same moment goes out within this time.
SPREAD = timedelta(minutes=10)


@dataclass(frozen=True)
class Failure:
    """Why a text failed: the carrier's code and words, and how we read them."""

    reason: Reason
    transient: bool = False
    code: str = ""
    words: str = ""
    raw: dict[str, Any] = field(default_factory=dict)
    # Whose codes it is one of, as `CarrierCode.carrier`.
    code_map: str = ""

    @classmethod
    def of(cls, carrier: str, error: CarrierError) -> Self:
        """Read a refused hand-over. Without a code, the carrier wasn't up to it.

        The code map decides whether it's tried again; the carrier's HTTP status only where the map
        doesn't know the code.
        """
        if not error.code:
            reason = Reason.UNKNOWN if error.permanent else Reason.CARRIER_OUTAGE
            return cls(reason, not error.permanent, words=error.words, raw=error.raw)
        row = _row(carrier, error.code)
        transient = row.retry == Retry.TRANSIENT if row.known else not error.permanent
        return cls(Reason(row.reason), transient, error.code, error.words, error.raw, row.carrier)

    @classmethod
    def reported(cls, carrier: str, report: StatusReport) -> Self:
        """Read a failure receipt."""
        if not report.code:
            return cls(Reason.UNKNOWN, words=report.words)
        row = _row(carrier, report.code)
        transient = row.retry == Retry.TRANSIENT
        return cls(Reason(row.reason), transient, report.code, report.words, code_map=row.carrier)

    def next_try(self, tries: int, at: datetime, to: Phone) -> datetime | None:
        """Return when to try again after so many tries, if at all; not all at the same moment."""
        delays = DISPUTED_DELAYS if self.reason in DISPUTED else DELAYS
        if not self.transient or tries > len(delays):
            return None
        if start := self._starts(at, to):
            return start + SPREAD * random.random()  # noqa: S311 - no secret
        return at + delays[tries - 1] * random.uniform(1, 1.25)  # noqa: S311 - no secret

    def _starts(self, at: datetime, to: Phone) -> datetime | None:
        """Return the moment before which trying again is in vain, where a carrier names one.

        Such a moment may be at night: the text then waits for the morning where the recipient is.
        """
        if self.reason == Reason.QUIET_HOURS:
            return quiet_hours.next_opening(to, at)
        if self.code in CAPPED_UNTIL_MIDNIGHT.get(self.code_map, ()):
            return quiet_hours.first_allowed(to, _next_midnight(at))
        if self.code in CAPPED_FOR_A_DAY.get(self.code_map, ()):
            return quiet_hours.first_allowed(to, at + timedelta(days=1))
        return None


def concerns_the_text(carrier: str, code: str) -> bool:
    """Whether this code on a failure receipt is about the text that was sent."""
    return code not in NOT_FAILURES.get(carriers.get(carrier).code_map, ())


def _row(carrier: str, code: str) -> CarrierCode:
    return code_map.read(carriers.get(carrier).code_map, code)


def _next_midnight(at: datetime) -> datetime:
    """Return the end of the carriers' day."""
    tomorrow = at.astimezone(MIDNIGHT_AT).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), MIDNIGHT_AT)

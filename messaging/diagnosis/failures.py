"""How a failure is read, and when the same text is tried again by itself."""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from leads.phones import Phone
from messaging import carriers
from messaging.carriers import CarrierError, StatusReport, shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.composing import quiet_hours
from messaging.diagnosis import code_map
from messaging.models import CarrierCode
from messaging.models.reason import Reason, Retry

# After the first attempt, the second, the third. Then a person decides.
DELAYS = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1))
# Sources disagree whether these ever go through: one more try, when a phone may be on again.
DISPUTED_DELAYS = (timedelta(minutes=10),)
DISPUTED = frozenset({Reason.UNREACHABLE, Reason.UNKNOWN})

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
        """Return the moment before which a retry is in vain, where a carrier names one.

        An earlier retry counts against the limit, too. Such a moment may be at night: the text
        then waits for the morning where the recipient is.
        """
        if self.reason == Reason.QUIET_HOURS:
            return quiet_hours.next_opening(to, at)
        match shipped_codes.rule(self.code_map, self.code):
            case Rule.PACIFIC_DAY:
                return quiet_hours.first_allowed(to, _next_midnight(at))
            case Rule.ROLLING_DAY:
                return quiet_hours.first_allowed(to, at + timedelta(days=1))
        return None


def concerns_the_text(carrier: str, code: str) -> bool:
    """Return whether this code on a failure receipt is about the text that was sent."""
    rule = shipped_codes.rule(carriers.get(carrier).code_map, code)
    return rule != Rule.NOT_A_FAILURE


def _row(carrier: str, code: str) -> CarrierCode:
    return code_map.read(carriers.get(carrier).code_map, code)


def _next_midnight(at: datetime) -> datetime:
    """Return the end of the carriers' day."""
    tomorrow = at.astimezone(MIDNIGHT_AT).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), MIDNIGHT_AT)

"""How a failure is read, and when the same text is tried again by itself."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from messaging import carriers, codes
from messaging.carriers import CarrierError, StatusReport
from messaging.reasons import Reason, Retry

# Codes that status callbacks carry without the text having failed: they are about incoming texts
# and webhooks, or say that no receipt came (sms-domain, section 1).
NOT_FAILURES = {
    "twilio": frozenset({"30009", "30025", "30026", "30038", "30039"}),
    "bandwidth": frozenset({"9902"}),
}

# After the first attempt, the second, the third. Then a person decides.
DELAYS = (timedelta(seconds=60), timedelta(minutes=10), timedelta(hours=1))
# Sources disagree whether these ever go through: one more try, when a phone may be on again.
DISPUTED_DELAYS = (timedelta(minutes=10),)
DISPUTED = frozenset({Reason.UNREACHABLE, Reason.UNKNOWN})


@dataclass(frozen=True)
class Failure:
    """Why a text failed: the carrier's code and words, and how we read them."""

    reason: Reason
    transient: bool = False
    code: str = ""
    words: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, carrier: str, error: CarrierError) -> Self:
        """What a refused hand-over means. Without a code, the carrier was not up to it."""
        reason, transient = Reason.CARRIER_OUTAGE, True
        if error.code:
            reason, transient = _read(carrier, error.code)
        elif error.permanent:
            reason = Reason.UNKNOWN
        return cls(reason, transient and not error.permanent, error.code, error.words, error.raw)

    @classmethod
    def reported(cls, carrier: str, report: StatusReport) -> Self:
        """What a failure receipt means."""
        reason, transient = Reason.UNKNOWN, False
        if report.code:
            reason, transient = _read(carrier, report.code)
        return cls(reason, transient, report.code, report.words)

    def next_try(self, tries: int, at: datetime) -> datetime | None:
        """When to try again after so many tries, if at all; not all at the same moment."""
        delays = DISPUTED_DELAYS if self.reason in DISPUTED else DELAYS
        if not self.transient or tries > len(delays):
            return None
        return at + delays[tries - 1] * random.uniform(1, 1.25)  # noqa: S311 - no secret


def concerns_the_text(carrier: str, code: str) -> bool:
    """Whether this code on a failure receipt is about the text that was sent."""
    return code not in NOT_FAILURES.get(carriers.get(carrier).code_map, ())


def _read(carrier: str, code: str) -> tuple[Reason, bool]:
    row = codes.read(carriers.get(carrier).code_map, code)
    return Reason(row.reason), row.retry == Retry.TRANSIENT

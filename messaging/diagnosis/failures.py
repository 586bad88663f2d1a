"""Why a text failed: how a carrier's code, words, and HTTP status are read."""

from dataclasses import dataclass, field
from typing import Any, Self

from messaging import carriers
from messaging.carriers import CarrierError, StatusReport, shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.diagnosis import code_map
from messaging.models import CarrierCode
from messaging.models.reason import Reason, Retry


@dataclass(frozen=True)
class Failure:
    """Why a text failed: the carrier's code and message, and the reason they stand for."""

    reason: Reason
    transient: bool = False
    code: str = ""
    words: str = ""
    raw: dict[str, Any] = field(default_factory=dict)
    # Which carrier's code it is: `CarrierCode.carrier`.
    code_map: str = ""

    @classmethod
    def of(cls, carrier: str, error: CarrierError) -> Self:
        """Read a rejection. Without a code, the carrier had a problem of its own.

        The code map decides whether it's retried. The carrier's HTTP status decides only if the map
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


def concerns_the_text(carrier: str, code: str) -> bool:
    """Return whether this code on a failure receipt is about the text that was sent."""
    rule = shipped_codes.rule(carriers.get(carrier).code_map, code)
    return rule != Rule.NOT_A_FAILURE


def _row(carrier: str, code: str) -> CarrierCode:
    return code_map.read(carriers.get(carrier).code_map, code)

"""Why a text failed: how a carrier's code, words, and HTTP status are read."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from messaging import carriers
from messaging.carriers import CarrierError, StatusReport, shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.diagnosis import code_map
from messaging.models import CarrierCode, SmsMessage
from messaging.models.reason import Reason, Retry


@dataclass(frozen=True)
class Failure:
    """Why a text failed: the carrier's code and message, and the reason they stand for."""

    reason: Reason
    retry: Retry = Retry.PERMANENT
    code: str = ""
    words: str = ""
    raw: dict[str, Any] = field(default_factory=dict)
    # How long the carrier asks us to wait.
    retry_after: timedelta = timedelta()

    @classmethod
    def of(cls, carrier: str, error: CarrierError) -> Self:
        """Read a rejection. Without a code, the carrier had a problem of its own.

        The code map decides whether it's retried. The carrier's HTTP status decides only if the map
        doesn't know the code.
        """
        evidence = (error.words, error.raw, error.retry_after)
        if not error.code:
            if error.permanent:
                return cls(Reason.UNKNOWN, Retry.PERMANENT, "", *evidence)
            return cls(Reason.CARRIER_OUTAGE, Retry.TRANSIENT, "", *evidence)
        row = _row(carrier, error.code)
        # Without a known reason, a second retry would be a guess.
        unmapped = Retry.PERMANENT if error.permanent else Retry.ONCE
        retry = Retry(row.retry) if row.known else unmapped
        return cls(Reason(row.reason), retry, row.code, *evidence)

    @classmethod
    def reported(cls, carrier: str, report: StatusReport) -> Self:
        """Read a failure receipt."""
        if not report.code:
            return cls(Reason.UNKNOWN, words=report.words)
        row = _row(carrier, report.code)
        return cls(Reason(row.reason), Retry(row.retry), row.code, report.words)


def corrected(reason: Reason, message: SmsMessage) -> Reason:
    """Return a configuration error instead of UNSUPPORTED_COUNTRY if the country is supported.

    Carriers' permissions are per calling code, so their error code doesn't say where the number is.
    """
    if reason != Reason.UNSUPPORTED_COUNTRY:
        return reason
    is_supported = message.number.is_in(message.organization.regions)
    return Reason.SENDER_CONFIG if is_supported else reason


def concerns_the_text(carrier: str, code: str) -> bool:
    """Return whether this code on a failure receipt is about the text that was sent."""
    rule = shipped_codes.rule(carriers.get(carrier).code_map, code)
    return rule != Rule.NOT_A_FAILURE


def _row(carrier: str, code: str) -> CarrierCode:
    return code_map.read(carriers.get(carrier).code_map, code)

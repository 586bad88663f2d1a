"""A carrier code for each reason, and whether the carrier rejects the text or fails it later."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from random import Random

from messaging.models.reason import Reason


@dataclass(frozen=True)
class Failure:
    """A failed attempt. `refused` means rejected at once, otherwise a receipt reports the failure.

    `carrier` is the key in the code map. The demo's numbers are with the sandbox, which uses
    Twilio's codes, except for the retired number.
    """

    reason: Reason
    code: str
    refused: bool = False
    carrier: str = "twilio"


# The number is the problem: no one ever replies.
OF_NUMBER = [
    Failure(Reason.NOT_SMS_CAPABLE, "30006"),
    Failure(Reason.NOT_SMS_CAPABLE, "21614", refused=True),
    Failure(Reason.UNSUPPORTED_COUNTRY, "21408", refused=True),
    Failure(Reason.INVALID_NUMBER, "30005"),
    Failure(Reason.OPTED_OUT, "21610", refused=True),
    Failure(Reason.RECIPIENT_BLOCKED, "30004"),
    Failure(Reason.UNREACHABLE, "30003"),
    Failure(Reason.INVALID_NUMBER, "21211", refused=True),
]
# One text fails, and the conversation goes on.
OF_TEXT = [
    Failure(Reason.SPAM, "30007"),
    Failure(Reason.UNKNOWN, "30008"),
    Failure(Reason.RATE_LIMIT, "20429", refused=True),
    Failure(Reason.CARRIER_OUTAGE, "20503", refused=True),
    Failure(Reason.QUIET_HOURS, "30610"),
    Failure(Reason.UNREGISTERED_SENDER, "30034"),
    Failure(Reason.SENDER_CONFIG, "21606", refused=True),
    Failure(Reason.TOO_LONG, "21617", refused=True),
    Failure(Reason.CONTENT_INVALID, "21602", refused=True),
    Failure(Reason.INSUFFICIENT_FUNDS, "30002"),
    Failure(Reason.FRAUD_BLOCK, "30450"),
    Failure(Reason.EXPIRED, "40005", carrier="telnyx"),
]
TRANSIENT = (Reason.UNKNOWN, Reason.RATE_LIMIT, Reason.CARRIER_OUTAGE)
ALL = {failure.reason: failure for failure in reversed(OF_NUMBER + OF_TEXT)}


def endless(failures: list[Failure], rng: Random) -> Iterator[Failure]:
    """Yield each failure once, and then the first ones more often, as in real life."""
    weights = [1 / place for place in range(1, len(failures) + 1)]
    return chain(failures, (rng.choices(failures, weights)[0] for _ in repeat(None)))

"""How each reason comes about: the carrier's code, and whether it refused or failed later."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from random import Random

from messaging.models.reason import Reason


@dataclass(frozen=True)
class Failure:
    """`refused`: the carrier did not take it. Otherwise it did, and said so in a receipt.

    `carrier` is the key in the code map. Numbers of the demo are at the sandbox, which speaks
    Twilio's codes; only the retired number was at another carrier.
    """

    reason: Reason
    code: str
    refused: bool = False
    carrier: str = "twilio"


# The number itself is the trouble: nobody there ever answers.
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
# One text fails in a conversation that goes on.
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
    """Each one once, so that none is missing, and then the first ones more often, as in life."""
    weights = [1 / place for place in range(1, len(failures) + 1)]
    return chain(failures, (rng.choices(failures, weights)[0] for _ in repeat(None)))

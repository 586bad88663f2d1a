"""Tells carriers that can be told by a machine which numbers are whitelisted now.

Grants, expiries and revocations need no event of their own: a job compares what a carrier was
told last with what is in force, and says the whole list again.
"""

import time
from dataclasses import dataclass

import structlog
from django.conf import settings

from messaging import carriers
from messaging.carriers import CarrierError
from smscenter.support.models import Whitelisting

log = structlog.get_logger(__name__)

# A carrier that forgot its list, as it may when it restarts, gets it again by then.
AGAIN_AFTER = 60.0


@dataclass(frozen=True)
class Told:
    numbers: list[str]
    at: float


_told: dict[str, Told] = {}


def tell() -> None:
    """Only carriers with which we ever had a number whitelisted."""
    known = Whitelisting.objects.order_by("carrier").values_list("carrier", flat=True).distinct()
    for key in known.filter(carrier__in=settings.CARRIERS):
        numbers, told = _in_force(key), _told.get(key)
        if told is None or told.numbers != numbers or time.monotonic() - told.at > AGAIN_AFTER:
            _tell(key, numbers)


def _tell(key: str, numbers: list[str]) -> None:
    try:
        carriers.get(key).whitelist(numbers)
        # Another worker may have said something older after this one read its list.
        while (now := _in_force(key)) != numbers:
            numbers = now
            carriers.get(key).whitelist(numbers)
    except CarrierError as error:
        log.warning("carrier_not_told", carrier=key, error=str(error))
        return
    _told[key] = Told(numbers, time.monotonic())


def _in_force(key: str) -> list[str]:
    rows = Whitelisting.objects.in_force().filter(carrier=key).order_by("sender__phone")
    return list(rows.values_list("sender__phone", flat=True).distinct())

"""Sync the list of whitelisted numbers to carriers that have an API for it.

A job compares what was last sent with what's in force, and sends the whole list if it differs.
So grants, expiries, and revocations need no events.
"""

import time
from dataclasses import dataclass

import structlog
from django.conf import settings

from messaging import carriers
from messaging.carriers import CarrierError
from smscenter.support.models import Whitelisting

log = structlog.get_logger(__name__)

# A carrier that lost its list, like the sandbox after a restart, gets it again after this time.
RESEND_AFTER = 60.0


@dataclass(frozen=True)
class SentList:
    numbers: list[str]
    at: float


_sent: dict[str, SentList] = {}
# The carriers that didn't get their list. They're tried again each second, and logged once.
_failing: set[str] = set()


def sync_allowlists() -> None:
    """Sync each carrier that ever whitelisted one of the numbers."""
    known = Whitelisting.objects.order_by("carrier").values_list("carrier", flat=True).distinct()
    for key in known.filter(carrier__in=settings.CARRIERS):
        numbers, sent = _in_force(key), _sent.get(key)
        if sent is None or sent.numbers != numbers or time.monotonic() - sent.at > RESEND_AFTER:
            _sync(key, numbers)


def _sync(key: str, numbers: list[str]) -> None:
    try:
        carriers.get(key).whitelist(numbers)
        # Another worker may have sent an older list after this one was read.
        while (now := _in_force(key)) != numbers:
            numbers = now
            carriers.get(key).whitelist(numbers)
    except CarrierError as error:
        if key not in _failing:
            problem = str(error) or error.raw.get("fault")
            log.warning("allowlist_not_synced", carrier=key, error=problem)
        _failing.add(key)
        return
    _failing.discard(key)
    _sent[key] = SentList(numbers, time.monotonic())


def _in_force(key: str) -> list[str]:
    rows = Whitelisting.objects.in_force().filter(carrier=key).order_by("sender__phone")
    return list(rows.values_list("sender__phone", flat=True).distinct())

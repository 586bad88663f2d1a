"""Pause a carrier that doesn't respond or rejects our credentials: its texts wait, and don't fail.

The texts of a paused carrier aren't claimed, except for one now and then, the probe. As soon as the
carrier responds to a probe, all texts go out. Workers share what they know in `CarrierHealth`. Each
reads it before it claims, and writes only failures and the first success after one.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging import carriers
from messaging.carriers import CarrierError
from messaging.models import Attempt, CarrierHealth
from messaging.models.carrier_health import CarrierHealthQuerySet
from smscenter.database.prepared import PreparedRows

log = structlog.get_logger(__name__)

Pause = CarrierHealth.Pause

# The time from one probe to the next. Longer than a request, so that there's only one.
PROBE_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300))
# Where few texts are sent, this many failures over this time are an outage, too.
SLOW_FAILURES = 2
SLOW = timedelta(minutes=1)


@dataclass
class Known:
    """What this process last read, and the attempts that it sends as probes."""

    health: dict[str, CarrierHealth] = field(default_factory=dict)
    probes: set[int] = field(default_factory=set)


known = Known()


@PreparedRows
def _read_health() -> QuerySet[CarrierHealth]:
    return CarrierHealth.objects.all()


def refresh() -> None:
    """Read which carriers are paused."""
    known.health = {row.carrier: row for row in _read_health()}
    if not paused():
        known.probes.clear()


def paused() -> list[str]:
    """Return the carriers that were paused when this process last looked."""
    return [carrier for carrier, health in known.health.items() if health.is_paused]


def is_paused(carrier: str) -> bool:
    """Return whether a carrier was paused when this process last looked."""
    health = known.health.get(carrier)
    return health is not None and health.is_paused


def holds_back(attempt: Attempt) -> bool:
    """Return whether a claimed attempt has to wait, because its carrier was paused since."""
    return is_paused(attempt.carrier) and attempt.pk not in known.probes


def due_probes(at: datetime) -> list[str]:
    """Return the paused carriers that a text can be sent to, to see whether they respond."""
    times = {carrier: known.health[carrier].probe_at for carrier in paused()}
    return [carrier for carrier, probe_at in times.items() if probe_at and probe_at <= at]


def take_probe(carrier: str, at: datetime) -> bool:
    """Return whether this worker sends the probe. Only one worker gets to."""
    health = known.health[carrier]
    rows = CarrierHealth.objects.paused().filter(pk=health.pk, probe_at=health.probe_at)
    return rows.update(probe_at=at + _delay(health)) == 1


def record(attempt: Attempt, error: CarrierError | None, *, is_lookup: bool) -> None:
    """Record whether a carrier responded to a request."""
    if error and rejects_credentials(attempt.carrier, error):
        _record_failure(attempt, error, Pause.CREDENTIALS)
    elif error and is_no_response(error):
        _record_failure(attempt, error, Pause.OUTAGE)
    elif is_lookup:
        _record_lookup(attempt)
    else:
        _record_response(attempt)


def is_carriers_fault(carrier: str, error: CarrierError) -> bool:
    """Return whether the error says nothing about the text."""
    return is_no_response(error) or rejects_credentials(carrier, error)


def is_no_response(error: CarrierError) -> bool:
    """Return whether it's a server error, a timeout, or a refused connection."""
    return error.status >= 500 or (not error.status and not error.code and not error.permanent)


def rejects_credentials(carrier: str, error: CarrierError) -> bool:
    """Return whether the carrier didn't authenticate us. Other 403s are about the text."""
    codes = carriers.get(carrier).credential_codes
    return error.status == 401 or (error.status == 403 and (not error.code or error.code in codes))


def probe_now(rows: QuerySet[CarrierHealth]) -> int:
    """Let the next worker probe these carriers. Return how many of them are paused."""
    return rows.exclude(pause="").update(probe_at=timezone.now(), probes=0)


def _record_failure(attempt: Attempt, error: CarrierError, pause: Pause) -> None:
    now = timezone.now()
    row, _ = CarrierHealth.objects.get_or_create(carrier=attempt.carrier, account="")
    rows = CarrierHealth.objects.filter(pk=row.pk)
    rows.update(
        failures=F("failures") + 1,
        since=Coalesce("since", now),
        status=error.status,
        words=error.words,
    )
    if _pause(rows, pause, now):
        log.error(
            "carrier_paused", carrier=row.carrier, pause=pause.value, status=error.status or None
        )
    elif attempt.pk in known.probes:
        rows.paused().update(probe_at=now + _delay(row), probes=F("probes") + 1)
    refresh()


def _pause(rows: CarrierHealthQuerySet, pause: Pause, now: datetime) -> bool:
    """Pause a carrier after enough failures, or at the first rejection of our credentials."""
    first_probe = {"probe_at": now + PROBE_DELAYS[0], "probes": 0}
    if pause == Pause.CREDENTIALS:
        return rows.exclude(pause=pause).update(pause=pause, **first_probe) == 1
    few = Q(failures__gte=SLOW_FAILURES, since__lte=now - SLOW)
    enough = few | Q(failures__gte=settings.CARRIER_FAILURES_BEFORE_PAUSE)
    return rows.filter(enough, pause="").update(pause=pause, **first_probe) == 1


def _delay(health: CarrierHealth) -> timedelta:
    return PROBE_DELAYS[min(health.probes, len(PROBE_DELAYS) - 1)]


def _record_lookup(attempt: Attempt) -> None:
    """Let the next probe follow at once after a lookup that worked.

    A lookup proves nothing: in an outage, a carrier may find texts and accept none.
    """
    if is_paused(attempt.carrier) and attempt.pk in known.probes:
        CarrierHealth.objects.paused().filter(carrier=attempt.carrier).update(
            probe_at=timezone.now()
        )


def _record_response(attempt: Attempt) -> None:
    """End the pause or the row of failures, if there is one.

    Only a probe ends a pause: other requests may have begun before it.
    """
    health = known.health.get(attempt.carrier)
    if health is None or not health.failures or holds_back(attempt):
        return
    rows = CarrierHealth.objects.filter(pk=health.pk)
    now = timezone.now()
    resumed = rows.paused().update(pause="", probe_at=None, failures=0, since=None, resumed=now)
    if resumed:
        seconds = round((now - health.since).total_seconds()) if health.since else None
        log.info("carrier_resumed", carrier=attempt.carrier, paused_seconds=seconds)
    else:
        rows.filter(pause="", failures__gt=0).update(failures=0, since=None)
    refresh()

"""Health checks and metrics: is the process up, can it do its work, and what waits?"""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.carriers.not_set_up import not_set_up
from messaging.carriers.outages import outages
from messaging.diagnosis import unclassified
from messaging.models import Attempt, CarrierEvent
from smscenter.database import schema
from smscenter.database.replica import state
from smscenter.notifications.models import NotificationMail
from smscenter.support.models import Mail


@require_safe
@never_cache
@login_not_required
def healthz(_request: HttpRequest) -> HttpResponse:
    """Respond. Don't use the database: a restart doesn't fix its outage."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(_request: HttpRequest) -> JsonResponse:
    """Respond with 503 while the database is down or not migrated.

    `queue_age_seconds` is the age of the oldest due text of carriers that respond,
    `callback_age_seconds` of the oldest new callback, and `mail_age_seconds` of the oldest unsent
    email. Set alerts on them, on `paused_carriers`, and on the two counts of what waits for people.
    None of these causes a 503: pages work without a worker, a carrier, or the replica.
    """
    try:
        pending = schema.pending_migrations()
        report: dict[str, Any] = {"database": "ok", "pending_migrations": pending}
        if pending == 0:
            report |= _work(timezone.now()) | _replica()
    except DatabaseError:
        return JsonResponse({"database": "unavailable"}, status=503)
    return JsonResponse(report, status=503 if pending else 200)


@require_safe
@never_cache
@login_not_required
def metrics(_request: HttpRequest) -> HttpResponse:
    """Respond with the same numbers in Prometheus's text format."""
    try:
        work = _work(timezone.now())
        replica = _replica()
    except DatabaseError:
        return HttpResponse("# The database is unavailable.\n", "text/plain", status=503)
    paused = work.pop("paused_carriers")
    lines = [f"smscenter_{name} {number}" for name, number in work.items()]
    if replica:
        lines.append(f"smscenter_replica_readable {int('replica_lag_bytes' in replica)}")
        lag = replica.get("replica_lag_bytes")
        lines += [] if lag is None else [f"smscenter_replica_lag_bytes {lag}"]
    for carrier in paused:
        labels = f'carrier="{carrier["carrier"]}",pause="{carrier["pause"]}"'
        lines += [
            f"smscenter_carrier_paused{{{labels}}} 1",
            f"smscenter_carrier_waiting_texts{{{labels}}} {carrier['waiting_texts']}",
        ]
    return HttpResponse("\n".join([*lines, ""]), "text/plain; version=0.0.4; charset=utf-8")


def _work(now: datetime) -> dict[str, Any]:
    """Return what waits, and for how long."""
    paused = outages()
    attempts = Attempt.objects.claimable(now)
    return {
        "queue_age_seconds": _age(
            attempts.exclude(carrier__in=[each.health.carrier for each in paused]), "due", now
        ),
        "callback_age_seconds": _age(CarrierEvent.objects.new(), "received", now),
        "mail_age_seconds": max(
            _age(mails.unsent(), "created", now)
            for mails in (Mail.objects, NotificationMail.objects)
        ),
        "unclassified_codes": unclassified.count(),
        "unconfirmed_texts": Attempt.objects.unconfirmed().count(),
        "senders_not_set_up": sum(found.numbers for found in not_set_up()),
        "paused_carriers": [
            {
                "carrier": each.health.carrier,
                "pause": each.health.pause,
                "since": each.health.since and each.health.since.isoformat(timespec="seconds"),
                "waiting_texts": each.waiting,
            }
            for each in paused
        ],
    }


def _replica() -> dict[str, Any]:
    """Return whether the replica can be read, and how far it's behind; nothing without one."""
    if not state.is_configured():
        return {}
    try:
        return {"replica": "ok", "replica_lag_bytes": state.positions().lag}
    except state.UnusableError as error:
        return {"replica": str(error)}


def _age(rows: QuerySet[Any], since: str, now: datetime) -> float:
    oldest = rows.aggregate(oldest=Min(since))["oldest"]
    return round((now - oldest).total_seconds(), 1) if oldest else 0.0

"""Health checks: is the process up, and can it do its work?"""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.diagnosis import unclassified
from messaging.models import Attempt, CarrierEvent
from smscenter import schema
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

    `queue_age_seconds` is the age of the oldest due text, `callback_age_seconds` of the oldest new
    callback, and `mail_age_seconds` of the oldest unsent email. Set alerts on them. They don't
    cause a 503: pages work without a worker. `unclassified_codes` is the number of carrier codes
    that wait for staff.
    """
    try:
        pending = schema.pending_migrations()
        report: dict[str, Any] = {"database": "ok", "pending_migrations": pending}
        if pending == 0:
            now = timezone.now()
            report["queue_age_seconds"] = _age(Attempt.objects.claimable(now), "due", now)
            report["callback_age_seconds"] = _age(CarrierEvent.objects.new(), "received", now)
            report["mail_age_seconds"] = _age(Mail.objects.unsent(), "created", now)
            report["unclassified_codes"] = unclassified.count()
    except DatabaseError:
        return JsonResponse({"database": "unavailable"}, status=503)
    return JsonResponse(report, status=503 if pending else 200)


def _age(rows: QuerySet[Any], since: str, now: datetime) -> float:
    oldest = rows.aggregate(oldest=Min(since))["oldest"]
    return round((now - oldest).total_seconds(), 1) if oldest else 0.0

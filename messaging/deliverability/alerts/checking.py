"""Begin and end alerts. The worker does this every few minutes."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from messaging.deliverability.alerts import notices
from messaging.deliverability.alerts.measuring import Key, Measured, Problem
from messaging.models import Alert, AlertSettings
from smscenter.accounts.models import Organization
from smscenter.notifications.notify import notify

log = structlog.get_logger(__name__)


def check_all(at: datetime | None = None) -> None:
    """Check every organization. An error in one doesn't stop the others."""
    for organization in Organization.objects.order_by("pk"):
        try:
            check(organization, at)
        except Exception:
            log.exception("alerts_not_checked", organization_id=organization.pk)


def check(organization: Organization, at: datetime | None = None) -> None:
    """Begin alerts about what's wrong now, and end those that are over."""
    now, limits = at or timezone.now(), AlertSettings.of(organization)
    opened = Alert.objects.filter(organization=organization).open()
    known: dict[Key, Alert] = {(row.cause, row.subject): row for row in opened}
    if not limits.enabled:
        for alert in known.values():
            _end(alert, now, quietly=True)
        return
    measured = Measured(organization, limits, now, known.keys())
    problems = {problem.key: problem for problem in measured.problems()}
    for key, problem in problems.items():
        if key not in known:
            _begin(organization, problem, measured)
    for key in known.keys() - problems.keys():
        _end(known[key], now)


def _begin(organization: Organization, problem: Problem, measured: Measured) -> None:
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                organization=organization,
                cause=problem.cause,
                subject=problem.subject,
                started=measured.now,
                since=measured.since,
                failed=problem.failed,
                texts=problem.texts,
            )
            _notify(alert, notices.STARTED)
    except IntegrityError:
        # Another worker was first.
        return
    log.info("alert_started", alert=str(alert), organization_id=organization.pk)


def _end(alert: Alert, now: datetime, *, quietly: bool = False) -> None:
    with transaction.atomic():
        # Of several workers, one says so.
        if Alert.objects.filter(pk=alert.pk).open().update(ended=now) and not quietly:
            _notify(alert, notices.OVER)


def _notify(alert: Alert, occurrence: int) -> None:
    notify(
        notices.ALERT,
        notices.people(alert.organization_id).values_list("pk", flat=True),
        organization=alert.organization_id,
        subject=alert.pk,
        occurrence=occurrence,
        place=f"alert:{alert.pk}:{occurrence}",
    )

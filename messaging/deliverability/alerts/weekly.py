"""Summarize a week for an organization, and notify its people on Monday at 8 AM."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from messaging.deliverability.alerts import notices
from messaging.deliverability.counting import Filters
from messaging.deliverability.periods import Period
from messaging.deliverability.report import Report
from messaging.models import WeeklySummary
from smscenter.accounts.models import Organization, User
from smscenter.notifications.models import Notification
from smscenter.notifications.notify import notify

AT = time(8)
MONDAY = 0
MOST_REASONS = 3


def notify_all(at: datetime | None = None) -> None:
    """Notify everyone whose Monday morning it is, each once."""
    now = at or timezone.now()
    for organization in Organization.objects.order_by("pk"):
        for user in notices.people(organization.pk).select_related("organization"):
            here = now.astimezone(user.zone)
            if here.weekday() == MONDAY and here.time() >= AT and notices.is_for(user):
                _notify(user, organization, here.date() - timedelta(days=7))


def _notify(user: User, organization: Organization, monday: date) -> None:
    summary = _summary(organization, monday)
    known = Notification.objects.filter(user=user).about(notices.WEEKLY, summary.pk)
    if not summary.figures or known.exists():
        return
    notify(
        notices.WEEKLY,
        [user.pk],
        organization=organization.pk,
        subject=summary.pk,
        place=f"week:{monday}",
    )


def _summary(organization: Organization, monday: date) -> WeeklySummary:
    """Return the summary of a week, without figures if it had no texts."""
    known = WeeklySummary.objects.filter(organization=organization, monday=monday).first()
    if known is not None:
        return known
    summary, _ = WeeklySummary.objects.get_or_create(
        organization=organization,
        monday=monday,
        defaults={"figures": figures(organization, monday)},
    )
    return summary


def figures(organization: Organization, monday: date) -> dict[str, object]:
    week = Period(monday, monday + timedelta(days=6))
    report = Report(organization, week, Filters(), organization.zone, week.previous)
    total = report.total
    if not total.outgoing and not total.received:
        return {}
    return {
        "sent": total.sent,
        "failed": total.failed,
        "received": total.received,
        "rate": f"{100 * total.rate:.1f}",
        "change": report.change.sentence,
        "score": report.score.points if report.score else None,
        "reasons": [[line.label, line.tally.failed] for line in report.reasons[:MOST_REASONS]],
        # Empty if no carrier's prices are known.
        "cost": f"{report.failed_cost:.2f}" if report.has_prices else "",
        "avoidable": f"{report.avoidable_cost:.2f}",
    }

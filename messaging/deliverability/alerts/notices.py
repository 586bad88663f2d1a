"""What alerts and weekly summaries say."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from messaging import carriers
from messaging.deliverability import links
from messaging.deliverability.filter_form import SEES_ALL
from messaging.models import Alert, SenderNumber, WeeklySummary
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.models import User
from smscenter.accounts.roles import role_may
from smscenter.notifications.kinds import Description
from smscenter.notifications.models import Notification

ALERT, WEEKLY = "alert", "weekly_summary"
# Occurrences of an alert's notification.
STARTED, OVER = 1, 2
Cause = Alert.Cause


def is_for(user: User) -> bool:
    """Return whether a person looks after the organization's texts. Every page asks."""
    return role_may(user, SEES_ALL)


def describe_alerts(rows: Sequence[Notification]) -> Mapping[int, Description]:
    alerts = Alert.objects.in_bulk({row.subject for row in rows})
    ids = {int(each.subject) for each in alerts.values() if each.cause == Cause.SENDER}
    senders = SenderNumber.objects.in_bulk(ids)
    return {
        row.pk: _described(alerts[row.subject], row.occurrence == OVER, senders)
        for row in rows
        if row.subject in alerts
    }


def _described(alert: Alert, is_over: bool, senders: Mapping[int, SenderNumber]) -> Description:
    what = problem(alert, senders)
    url = _url(alert, senders)
    if is_over:
        return Description(f"Resolved: {what}", url)
    return Description(what, url, subject=f"Alert: {what}", details=f"{what}.{_numbers(alert)}")


def problem(alert: Alert, senders: Mapping[int, SenderNumber]) -> str:
    """Return what's wrong, as a sentence without a period."""
    percent = f"{alert.percent:.0f}% of texts"
    match alert.cause:
        case Cause.REASON:
            return f"{percent} failed: {Reason(alert.subject).label}"
        case Cause.SENDER:
            sender = senders.get(int(alert.subject))
            return f"{percent} from {sender or 'a deleted number'} failed"
        case Cause.CARRIER:
            return f"{percent} through {carriers.label(alert.subject)} failed"
        case Cause.WAITING:
            return f"{_texts(alert.failed)} waiting to be sent"
    return f"{_texts(alert.failed)} failed with unclassified carrier codes"


def _texts(number: int) -> str:
    return f"{number:,} text{pluralize(number)}"


def _numbers(alert: Alert) -> str:
    if alert.cause in {Cause.WAITING, Cause.CODES}:
        return ""
    since = moments.mentioned(alert.since)
    return f" {alert.failed:,} of {alert.texts:,} texts failed since {since}."


def _url(alert: Alert, senders: Mapping[int, SenderNumber]) -> str:
    """Return the search for the texts, as of when the alert began."""
    begin, end = _minute(alert.since), _minute(alert.started)
    terms = [links.FAILED, f"created >= {begin} created <= {end}"]
    if alert.cause == Cause.WAITING:
        terms = ["status:outbox"]
    elif alert.cause == Cause.SENDER and (sender := senders.get(int(alert.subject))):
        terms += links.sender_terms(sender)
    elif alert.cause == Cause.CARRIER:
        terms.append(links.carrier_term(alert.subject))
    elif alert.cause in {Cause.REASON, Cause.CODES}:
        terms.append(f"reason:{alert.subject or Reason.UNKNOWN}")
    return f"{reverse('message_list')}?{urlencode({'q': ' '.join(terms)})}"


def _minute(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def describe_weeks(rows: Sequence[Notification]) -> Mapping[int, Description]:
    summaries = WeeklySummary.objects.in_bulk({row.subject for row in rows})
    return {row.pk: _week(summaries[row.subject]) for row in rows if row.subject in summaries}


def _week(summary: WeeklySummary) -> Description:
    figures, last = summary.figures, summary.monday + timedelta(days=6)
    days = moments.calendar_days(summary.monday, last)
    sentence = f"{days}: {_texts(figures['failed'])} failed ({figures['rate']}%)"
    dates = urlencode({"from": summary.monday.isoformat(), "to": last.isoformat()})
    return Description(
        sentence,
        f"{reverse('deliverability')}?{dates}",
        note="\n".join(_facts(figures)),
        subject=f"Your week: {_texts(figures['failed'])} failed",
    )


def _facts(figures: dict[str, Any]) -> list[str]:
    facts = [
        f"Sent: {figures['sent']:,}",
        f"Failed: {figures['failed']:,}, {figures['rate']}% of all texts ({figures['change']})",
        f"Received: {figures['received']:,}",
    ]
    if figures["score"] is not None:
        facts.append(f"Score: {figures['score']} of 100")
    if figures["reasons"]:
        reasons = ", ".join(f"{label} {number:,}" for label, number in figures["reasons"])
        facts.append(f"Most often: {reasons}")
    if figures["cost"]:
        facts.append(f"Cost of failed texts: ${figures['cost']}, avoidable ${figures['avoidable']}")
    return facts


def people(organization: int) -> QuerySet[User]:
    """Return the people to notify. Notifications leave out those whose role isn't enough."""
    return User.objects.filter(organization=organization, is_active=True)

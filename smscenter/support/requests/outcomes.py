"""Measure how often a carrier's filter blocks texts, and whether a whitelisting helped."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from messaging.deliverability import by_number
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import Whitelisting

WINDOW = timedelta(days=30)
OTHERS_WINDOW = timedelta(days=7)
# Fewer texts don't allow a rate per thousand.
FEW = 100
# No count reads more blocked texts than this.
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Outcome:
    """The number of texts in a period, and how many of them a filter blocked at least once."""

    texts: int
    blocked: int
    since: datetime
    until: datetime

    @property
    def is_capped(self) -> bool:
        return self.blocked >= MOST_COUNTED

    @property
    def is_few(self) -> bool:
        return 0 < self.texts < FEW

    @property
    def per_thousand(self) -> float | None:
        """Return the rate, or None without texts or with more than were counted."""
        if not self.texts or self.is_capped:
            return None
        return round(1000 * self.blocked / self.texts, 1)


@dataclass(frozen=True)
class Effect:
    before: Outcome
    after: Outcome


def of_number(whitelisting: Whitelisting, since: datetime, until: datetime) -> Outcome:
    sender = whitelisting.sender
    blocked = Attempt.objects.filter(
        organization=sender.organization_id,
        carrier=whitelisting.carrier,
        reason=Reason.SPAM,
        created__gte=since,
        created__lt=until,
        sender=sender,
        message__sender=sender,
        message__created__gte=since,
    )
    texts = by_number.outgoing(sender, since, until)
    return Outcome(texts, _messages(blocked), since, until)


def of_others(sender: SenderNumber, at: datetime | None = None) -> Outcome:
    """Return the outcome of all other organizations at the same carrier, on the last 7 whole days.

    Texts are those of days in each organization's time zone.
    """
    today = (at or timezone.now()).astimezone(UTC).date()
    first = today - OTHERS_WINDOW
    since, until = (datetime.combine(day, time.min, UTC) for day in (first, today))
    blocked = Attempt.objects.filter(
        carrier=sender.carrier, reason=Reason.SPAM, created__gte=since, created__lt=until
    ).exclude(organization=sender.organization_id)
    texts = by_number.outgoing_elsewhere(sender, first, today - timedelta(days=1))
    return Outcome(texts, _messages(blocked), since, until)


def effect(whitelisting: Whitelisting, at: datetime | None = None) -> Effect:
    """Compare the 30 days before a whitelisting with its first 30 days, or as many as passed."""
    start = whitelisting.granted
    ends = [at or timezone.now(), start + WINDOW, whitelisting.expires, whitelisting.revoked]
    end = max(start, min(moment for moment in ends if moment is not None))
    return Effect(
        of_number(whitelisting, start - WINDOW, start), of_number(whitelisting, start, end)
    )


def failures(sender: SenderNumber, at: datetime | None = None) -> list[tuple[Reason, int]]:
    """Return the number of failed texts per reason in the last 30 days, most frequent first."""
    until = at or timezone.now()
    rows = SmsMessage.objects.failed().filter(
        sender=sender,
        direction=SmsMessage.Direction.OUTGOING,
        created__gte=until - WINDOW,
        created__lt=until,
    )
    counts = rows.order_by().values_list("reason").annotate(texts=Count("*"))
    return [(Reason(reason), texts) for reason, texts in counts.order_by("-texts", "reason")]


def _messages(attempts: QuerySet[Attempt]) -> int:
    """Return the number of different texts these attempts belong to."""
    return attempts.order_by().values("message").distinct()[:MOST_COUNTED].count()

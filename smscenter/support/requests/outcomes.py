"""How often a carrier's filter blocks, from our own rows: whether a whitelisting helped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import Whitelisting

Status = SmsMessage.Status

WINDOW = timedelta(days=30)
NEIGHBOURS_WINDOW = timedelta(days=7)
# Fewer texts say nothing about how many of a thousand would be blocked.
FEW = 100
# No count reads more texts than this.
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Outcome:
    """Of so many texts from `since` to `until`, a filter blocked so many, once or more often."""

    texts: int
    blocked: int
    since: datetime
    until: datetime

    @property
    def is_capped(self) -> bool:
        return self.texts >= MOST_COUNTED

    @property
    def is_few(self) -> bool:
        return 0 < self.texts < FEW

    @property
    def per_thousand(self) -> float | None:
        """Nothing can be said of no texts, and nothing of more than were counted."""
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
        # Which the sender implies: the index tells them apart without a look at each message.
        organization=sender.organization_id,
        carrier=whitelisting.carrier,
        reason=Reason.SPAM,
        created__gte=since,
        created__lt=until,
        message__sender=sender,
        message__created__gte=since,
    )
    return Outcome(_texts([sender.pk], since, until), _messages(blocked), since, until)


def of_others(sender: SenderNumber, at: datetime | None = None) -> Outcome:
    """All other organizations at the same carrier as one, in the newest seven days."""
    until = at or timezone.now()
    since = until - NEIGHBOURS_WINDOW
    others = SenderNumber.objects.filter(carrier=sender.carrier)
    others = others.exclude(organization=sender.organization_id)
    blocked = Attempt.objects.filter(
        carrier=sender.carrier, reason=Reason.SPAM, created__gte=since, created__lt=until
    ).exclude(organization=sender.organization_id)
    return Outcome(
        _texts(others.values_list("pk", flat=True), since, until),
        _messages(blocked),
        since,
        until,
    )


def effect(whitelisting: Whitelisting, at: datetime | None = None) -> Effect:
    """Thirty days before it was granted, against as many days of it as there were, up to thirty."""
    start = whitelisting.granted
    ends = [at or timezone.now(), start + WINDOW, whitelisting.expires, whitelisting.revoked]
    end = max(start, min(moment for moment in ends if moment is not None))
    return Effect(
        of_number(whitelisting, start - WINDOW, start), of_number(whitelisting, start, end)
    )


def failures(sender: SenderNumber, at: datetime | None = None) -> list[tuple[Reason, int]]:
    """How many texts of the newest thirty days failed for each reason, the most frequent first."""
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
    """How many texts these were tries of."""
    return attempts.order_by().values("message").distinct()[:MOST_COUNTED].count()


def _texts(senders: Iterable[int], since: datetime, until: datetime) -> int:
    rows = SmsMessage.objects.filter(
        sender__in=senders,
        direction=SmsMessage.Direction.OUTGOING,
        status__in=[Status.OUTBOX, Status.SENT, Status.ERROR],
        created__gte=since,
        created__lt=until,
    )
    return rows.order_by()[:MOST_COUNTED].count()

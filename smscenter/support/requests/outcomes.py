"""Measure how often a carrier's filter blocks texts, and whether a whitelisting helped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.utils import timezone

from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.support.models import Whitelisting

Status = SmsMessage.Status

WINDOW = timedelta(days=30)
OTHERS_WINDOW = timedelta(days=7)
# Fewer texts don't allow a rate per thousand.
FEW = 100
# No count reads more texts than this.
MOST_COUNTED = 100_000
# How long pages show the same counts, because each of them reads that many.
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """The number of texts in a period, and how many of them a filter blocked at least once."""

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
        # The sender implies the organization, but the index starts with it.
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
    """Return the outcome of all other organizations at the same carrier, in the last 7 days."""
    until = at or timezone.now()
    since = until - OTHERS_WINDOW
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


def of_others_lately(sender: SenderNumber) -> Outcome:
    """Return the same outcome for ten minutes: it's of each organization but the sender's."""
    key = f"outcome-{sender.carrier}-{sender.organization_id}"
    return cast("Outcome", cache.get_or_set(key, partial(of_others, sender), KEPT_SECONDS))


def effect_lately(whitelisting: Whitelisting) -> Effect:
    """Return the same effect for ten minutes, unless the whitelisting changes."""
    dates = (whitelisting.granted, whitelisting.expires, whitelisting.revoked)
    key = "-".join(["effect", str(whitelisting.pk), *(f"{at and at.timestamp()}" for at in dates)])
    return cast("Effect", cache.get_or_set(key, partial(effect, whitelisting), KEPT_SECONDS))


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


def _texts(senders: Iterable[int], since: datetime, until: datetime) -> int:
    rows = SmsMessage.objects.filter(
        sender__in=senders,
        direction=SmsMessage.Direction.OUTGOING,
        status__in=[Status.OUTBOX, Status.SENT, Status.ERROR],
        created__gte=since,
        created__lt=until,
    )
    return rows.order_by()[:MOST_COUNTED].count()

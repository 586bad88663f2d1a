"""What surrounds the texts of a period: opt-outs, whitelistings, and texts that weren't sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from messaging.deliverability.counting import Counts, Filters, added
from messaging.deliverability.money import NOTHING, Prices
from messaging.deliverability.periods import DAY, Period
from messaging.deliverability.report import Change
from messaging.deliverability.tallies import By, Tally, day_of, start_of
from messaging.models import BulkItem, OptOut, SenderNumber, TextCount
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.registry import Registry

# Before and after a number was whitelisted.
COMPARED = timedelta(days=30)
MOST_WHITELISTED = 5
WEEK, WEEKS_BEFORE = 7, 56


@dataclass(frozen=True)
class Whitelisted:
    """A number that a carrier whitelisted at a time."""

    sender: SenderNumber
    at: datetime


# Apps that know of whitelistings return an organization's since a time, latest first.
whitelistings: Registry[Callable[[Organization, datetime], Iterable[Whitelisted]]] = Registry()


@dataclass(frozen=True)
class Whitelisting:
    """How many texts of a number were flagged as spam before and after it was whitelisted."""

    sender: SenderNumber
    day: date
    before: Tally
    after: Tally

    @property
    def change(self) -> Change:
        return Change(self.after, self.before)

    @property
    def date(self) -> str:
        return moments.calendar_day(self.day)


def whitelisted(organization: Organization, period: Period) -> list[Whitelisting]:
    """Return the latest whitelistings of a period, with a month before and after each."""
    since = start_of(period.first, organization.zone)
    until = start_of(period.last + DAY, organization.zone)
    found = [
        each for source in whitelistings for each in source(organization, since) if each.at < until
    ]
    latest = sorted(found, key=lambda each: each.at, reverse=True)[:MOST_WHITELISTED]
    return [_compared(organization, each) for each in latest]


def _compared(organization: Organization, each: Whitelisted) -> Whitelisting:
    counts = Counts(organization, Filters(sender=each.sender))
    day = day_of(each.at, organization.zone)
    today = day_of(timezone.now(), organization.zone)
    before = Period(day - COMPARED, day - DAY)
    after = Period(day, max(day, min(day + COMPARED - DAY, today)))
    return Whitelisting(each.sender, day, _spam(counts, before), _spam(counts, after))


def _spam(counts: Counts, period: Period) -> Tally:
    """Return the texts flagged as spam as failed, and all others as sent."""
    tallies = counts.tallies(period)
    total = added(tally for key, tally in tallies.items() if key.by == By.ALL)
    flagged = added(
        tally for key, tally in tallies.items() if key.by == By.REASON and key.value == Reason.SPAM
    )
    return Tally(sent=total.outgoing - flagged.failed, failed=flagged.failed)


def opt_outs(organization: Organization, *periods: Period) -> list[int]:
    """Return the number of opt-outs in each period."""
    rows = OptOut.objects.filter(organization=organization, certain=True)
    begin, end = min(each.first for each in periods), max(each.last for each in periods)
    found = rows.filter(_within(begin, end, organization)).aggregate(
        **{
            f"period_{n}": Count("pk", filter=_within(each.first, each.last, organization))
            for n, each in enumerate(periods)
        }
    )
    return list(found.values())


def _within(first: date, last: date, organization: Organization) -> Q:
    zone = organization.zone
    return Q(created__gte=start_of(first, zone), created__lt=start_of(last + DAY, zone))


def new_reasons(organization: Organization, today: date) -> list[Reason]:
    """Return the reasons of this week that didn't occur in the eight weeks before."""
    week = today - (WEEK - 1) * DAY
    first = week - WEEKS_BEFORE * DAY
    rows = TextCount.objects.filter(organization=organization, span=TextCount.Span.ALL_OF_DAY)
    rows = rows.filter(by=By.REASON).order_by()
    earliest = rows.filter(day__range=(first, today)).values_list("value").annotate(Min("day"))
    found = [reason for reason, day in earliest if day >= week]
    # Without texts before, everything would be new.
    return sorted(map(Reason, found)) if found and rows.filter(day__lt=week).exists() else []


@dataclass(frozen=True)
class Saved:
    """Texts that preflight checks left out of bulk sends, and what they would have cost."""

    texts: int
    cost: Decimal


def saved(organization: Organization, period: Period, prices: Prices) -> Saved:
    items = BulkItem.objects.filter(
        bulk__organization=organization,
        bulk__created__gte=start_of(period.first, organization.zone),
        bulk__created__lt=start_of(period.last + DAY, organization.zone),
        state=BulkItem.State.LEFT_OUT,
        reason__in=Reason.values,
    )
    groups = items.order_by().values_list("sender__carrier", "reason")
    texts, cost = 0, NOTHING
    for carrier, reason, number, segments in groups.annotate(Count("pk"), Sum("segments")):
        texts += number
        tally = Tally(failed=number, failed_segments=max(number, segments or 0))
        cost += prices.failed(carrier or "", reason, tally)
    return Saved(texts, cost)

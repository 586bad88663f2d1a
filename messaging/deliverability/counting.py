"""Add up the counts of days: those that are stored, and the latest ones that have changed since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, Q, Sum, When

from messaging.deliverability.periods import Period, Step
from messaging.deliverability.recounting import changed_days, days_of
from messaging.deliverability.tallies import (
    BY_SENDER,
    TALLIED,
    By,
    Key,
    Tallies,
    Tally,
    count_day,
)
from messaging.models import SenderNumber, TextCount
from messaging.models.text_count import TextCountQuerySet
from smscenter.accounts.models import Organization, User

Span = TextCount.Span
# Changed days that a page counts itself. The worker counts the others soon.
MOST_LIVE = 3
# What the page compares with another period, and what bars show: the first fields of a tally.
COMPARED, SHOWN = TALLIED[:2], TALLIED[:3]
SENDER = Case(When(by__in=BY_SENDER, then="sender"))
COMPARED_SENDER = Case(When(by=By.ALL, then="sender"))


@dataclass(frozen=True)
class Filters:
    """Which texts are counted: those from a sender number, through a carrier, and by a user."""

    sender: SenderNumber | None = None
    carrier: str = ""
    user: User | None = None

    @property
    def condition(self) -> Q:
        """Return the condition, which is the same for texts and for their counts."""
        q = Q()
        if self.sender:
            q &= Q(sender=self.sender.pk)
        if self.carrier:
            q &= Q(sender__carrier=self.carrier)
        if self.user:
            q &= Q(user=self.user.pk)
        return q

    def __bool__(self) -> bool:
        return bool(self.sender or self.carrier or self.user)


@dataclass(frozen=True)
class Source:
    """Where the counts of a period are: in months, in days, and in texts of days that changed."""

    months: list[date]
    days: list[date]
    live: list[date]


class Counts:
    """The counts of an organization's texts."""

    def __init__(self, organization: Organization, filters: Filters | None = None) -> None:
        self.organization = organization
        self.condition = (filters or Filters()).condition
        self.is_unfiltered = not filters
        # Read first: a day that the worker counts meanwhile is counted live, so not twice.
        self.changed = changed_days(organization)
        self._counted: dict[date, Tallies] = {}

    def outdated(self, period: Period) -> list[date]:
        """Return the changed days that aren't counted live."""
        return self._changed(period)[MOST_LIVE:]

    def tallies(self, period: Period) -> Tallies:
        """Return the sums of a period for all users together."""
        return self._tallies(period, SENDER, TALLIED)

    def compared(self, period: Period) -> Tallies:
        """Return what the page compares: how many were sent and failed, and reasons in all."""
        return self._tallies(period, COMPARED_SENDER, COMPARED)

    def _tallies(self, period: Period, sender: Case, names: Sequence[str]) -> Tallies:
        source = self._source(period, with_months=True)
        sums: Tallies = defaultdict(Tally)
        for day in source.live:
            for key, tally in self._live(day).items():
                sums[key.of_all_users].add(tally)
        for counts in self._stored(source, By.values, together=self.is_unfiltered):
            for (by, value, number), tally in _summed(counts, ("by", "value", sender), names):
                sums[Key(by, value, number, None)].add(tally)
        return dict(sums)

    def by_user(self, period: Period, kinds: Collection[By] = BY_SENDER) -> Tallies:
        """Return the sums of a period by sender number and user. Reads many more rows."""
        source = self._source(period, with_months=True)
        sums: Tallies = defaultdict(Tally)
        for day in source.live:
            for key, tally in self._live(day).items():
                if key.by in kinds:
                    sums[key].add(tally)
        for counts in self._stored(source, kinds):
            for group, tally in _summed(counts, Key._fields, TALLIED):
                sums[Key(*group)].add(tally)
        return dict(sums)

    def by_bucket(self, period: Period) -> list[tuple[Period, Tally]]:
        """Return the sums for each bar of a chart."""
        source = self._source(period, with_months=period.step is Step.MONTH)
        by_day: dict[date, Tally] = defaultdict(Tally)
        for counts in self._stored(source, [By.ALL], together=self.is_unfiltered):
            for (day,), tally in _summed(counts, ("day",), SHOWN):
                by_day[day].add(tally)
        for day in source.live:
            for key, tally in self._live(day).items():
                if key.by == By.ALL:
                    by_day[day].add(tally)
        return [
            (bucket, added(by_day[day] for day in bucket if day in by_day))
            for bucket in period.buckets()
        ]

    @cached_property
    def months(self) -> set[date]:
        """Return the months that are stored, and none of whose days changed."""
        months = TextCount.objects.filter(organization=self.organization, by=By.ALL)
        stored = set(months.filter(span=Span.ALL_OF_MONTH).values_list("day", flat=True).distinct())
        return stored - {day.replace(day=1) for day in self.changed}

    def _changed(self, period: Period) -> list[date]:
        """Return the changed days of a period, latest first."""
        inside = (day for day in self.changed if period.first <= day <= period.last)
        return sorted(inside, reverse=True)

    def _source(self, period: Period, *, with_months: bool) -> Source:
        live = self._changed(period)[:MOST_LIVE]
        days = set(period) - set(live)
        whole = [month for month in sorted(self.months) if days.issuperset(days_of(month))]
        months = whole if with_months else []
        for month in months:
            days.difference_update(days_of(month))
        return Source(months, sorted(days), live)

    def _stored(
        self, source: Source, kinds: Collection[str], *, together: bool = False
    ) -> Iterator[TextCountQuerySet]:
        """Yield the months' rows and the days' rows: as one query, no index would fit."""
        rows = TextCount.objects.filter(
            self.condition, organization=self.organization, by__in=kinds
        )
        rows = rows.order_by()
        if source.months:
            yield rows.of_months(source.months, together=together)
        if source.days:
            yield rows.of_days(source.days, together=together)

    def _live(self, day: date) -> Tallies:
        if day not in self._counted:
            self._counted[day] = count_day(self.organization, day, self.condition)
        return self._counted[day]


def _summed(
    counts: TextCountQuerySet, fields: Sequence[str | Case], names: Sequence[str]
) -> Iterator[tuple[Sequence[Any], Tally]]:
    """Yield the values of the fields and the sums of each group. Names are the first of a tally."""
    sums, number = {name: Sum(name) for name in names}, len(fields)
    for row in counts.values_list(*fields).annotate(**sums):
        yield row[:number], Tally(*row[number:])


def added(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total

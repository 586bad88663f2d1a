"""Keep the counts of texts up to date, and check them against the texts.

A day is counted again as a whole, so a count that was wrong for any reason is right afterwards.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from messaging.deliverability.tallies import (
    TALLIED,
    By,
    Key,
    Tallies,
    Tally,
    count_day,
    day_of,
    start_of,
)
from messaging.models import ChangedQuarter, CountedZone, SmsMessage, TextCount
from messaging.models.text_count import TextCountQuerySet
from smscenter.accounts.models import Organization

Span = TextCount.Span
# Days of one organization in one run, and seconds until a run starts no other organization, so that
# the others and the mail get their turn, and a worker that's stopped doesn't go on for minutes.
MOST_DAYS = 40
MOST_SECONDS = 3.0
ROWS_AT_ONCE = 1000


def recount_changed() -> None:
    """Count days again that changed, and all days of organizations in a new time zone.

    Today waits until it's over, because pages count it themselves: it would be written all day.
    """
    until = monotonic() + MOST_SECONDS
    rezoned = ~Q(counted_zone__time_zone=F("time_zone")) | Q(counted_zone=None)
    for organization in Organization.objects.filter(rezoned):
        note_all(organization)
        if monotonic() > until:
            return
    changed = ChangedQuarter.objects.order_by().values("organization")
    for organization in Organization.objects.filter(pk__in=changed).order_by("?"):
        today = timezone.localdate(timezone=organization.zone)
        recount(organization, MOST_DAYS, before=today)
        _thin_out(organization, today)
        if monotonic() > until:
            return


def recount(
    organization: Organization, most_days: int | None = None, before: date = date.max
) -> int:
    """Count the changed days of an organization again, latest first. Return their number."""
    changed = [day for day in changed_days(organization) if day < before]
    days = sorted(changed, reverse=True)[:most_days]
    for day in days:
        with transaction.atomic():
            _lock(organization)
            # Before counting: what changes from here on adds another row.
            _changes(organization, day).delete()
            write_day(organization, day)
    for month in sorted({each for day in days for each in (_month(day), _month_before(day))}):
        with transaction.atomic():
            _lock(organization)
            write_month(organization, month)
    return len(days)


def changed_days(organization: Organization) -> set[date]:
    """Return the days whose counts may be wrong."""
    quarters = ChangedQuarter.objects.filter(organization=organization).order_by()
    return {
        day_of(at, organization.zone) for at in quarters.values_list("at", flat=True).distinct()
    }


def _changes(organization: Organization, day: date) -> QuerySet[ChangedQuarter]:
    return ChangedQuarter.objects.filter(
        organization=organization,
        at__gte=start_of(day, organization.zone),
        at__lt=start_of(day + timedelta(days=1), organization.zone),
    )


def _thin_out(organization: Organization, day: date) -> None:
    """Keep one row for each quarter of an hour. Every text adds some."""
    changes = _changes(organization, day).order_by()
    newest = changes.values("at").annotate(newest=Max("pk")).values_list("newest", flat=True)
    changes.exclude(pk__in=list(newest)).delete()


def note_all(organization: Organization) -> None:
    """Note each day of an organization as changed: its time zone is new, or nothing was counted."""
    texts = SmsMessage.objects.filter(organization=organization).order_by()
    days = texts.annotate(day=TruncDate("created", tzinfo=organization.zone))
    with transaction.atomic():
        CountedZone.objects.update_or_create(
            organization=organization, defaults={"time_zone": organization.time_zone}
        )
        TextCount.objects.filter(organization=organization).delete()
        first = days.values("day").annotate(first=Min("created")).values_list("first", flat=True)
        rows = [ChangedQuarter(organization=organization, at=at) for at in first]
        ChangedQuarter.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def write_day(organization: Organization, day: date) -> None:
    """Count a day, and forget the sum of its month, which is written afterwards."""
    stored = _stored(organization)
    for together in (False, True):
        stored.of_days([day], together=together).delete()
        stored.of_months([_month(day)], together=together).delete()
    tallies = count_day(organization, day)
    _store(organization, Span.DAY, day, tallies)
    _store(organization, Span.ALL_OF_DAY, day, together_of(tallies))


def write_month(organization: Organization, month: date) -> None:
    """Add up a month that's over, unless it's stored. The current month changes too often."""
    stored = _stored(organization)
    if not is_over(organization, month) or stored.of_months([month]).exists():
        return
    tallies = added_up(stored.of_days(days_of(month)))
    _store(organization, Span.MONTH, month, tallies)
    _store(organization, Span.ALL_OF_MONTH, month, together_of(tallies))


def together_of(tallies: Tallies) -> Tallies:
    """Return the tallies of all users together, as pages without filters show them."""
    sums: Tallies = defaultdict(Tally)
    for key, tally in tallies.items():
        sums[key.of_all_users].add(tally)
    return dict(sums)


def is_over(organization: Organization, month: date) -> bool:
    return timezone.now() >= start_of(end_of(month), organization.zone)


def days_of(month: date) -> list[date]:
    return [month + timedelta(days=n) for n in range((end_of(month) - month).days)]


def end_of(month: date) -> date:
    """Return the first day of the month after it."""
    return _month(month + timedelta(days=31))


def _month(day: date) -> date:
    return day.replace(day=1)


def _month_before(day: date) -> date:
    return _month(_month(day) - timedelta(days=1))


def _stored(organization: Organization) -> TextCountQuerySet:
    # The index begins with these columns.
    return TextCount.objects.filter(organization=organization, by__in=By.values)


def added_up(counts: TextCountQuerySet) -> Tallies:
    """Return the sums of these counts."""
    sums = {name: Sum(name) for name in TALLIED}
    rows = counts.order_by().values_list("by", "value", "sender", "user").annotate(**sums)
    return {Key(*row[:4]): Tally(*row[4:]) for row in rows}


def _store(organization: Organization, span: Span, day: date, tallies: Tallies) -> None:
    rows = [
        TextCount(
            organization=organization,
            span=span,
            day=day,
            by=key.by,
            value=key.value,
            sender_id=key.sender,
            user_id=key.user,
            **dict(zip(TALLIED, astuple(tally), strict=True)),
        )
        for key, tally in tallies.items()
    ]
    TextCount.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def _lock(organization: Organization) -> None:
    """Let other workers wait, which may have the same days to count."""
    CountedZone.objects.select_for_update().get_or_create(
        organization=organization, defaults={"time_zone": organization.time_zone}
    )


@dataclass(frozen=True)
class Drift:
    """A day or a month of an organization whose counts are wrong."""

    organization: Organization
    span: Span
    day: date

    def __str__(self) -> str:
        return f"{self.organization.slug}: counts of the {self.span} {self.day}"


def check(organization: Organization, *, repair: bool = False) -> Iterator[Drift]:
    """Compare the counts of an organization with its texts, and optionally repair them.

    Days that wait to be counted again aren't wrong: pages know about them.
    """
    if repair:
        recount(organization)
    stored = _stored(organization)
    texts = SmsMessage.objects.filter(organization=organization).order_by()
    days = texts.annotate(day=TruncDate("created", tzinfo=organization.zone)).values("day")
    known = stored.filter(span=Span.DAY).values_list("day", flat=True)
    every = {*days.distinct().values_list("day", flat=True), *known.distinct()}
    for day in sorted(every - changed_days(organization)):
        if _is_wrong(organization, day):
            yield Drift(organization, Span.DAY, day)
            if repair:
                with transaction.atomic():
                    _lock(organization)
                    write_day(organization, day)
    for month in sorted(set(stored.filter(span=Span.MONTH).values_list("day", flat=True))):
        right = added_up(stored.of_days(days_of(month)))
        both = [added_up(stored.of_months([month], together=each)) for each in (False, True)]
        if both != [right, together_of(right)]:
            yield Drift(organization, Span.MONTH, month)
            if repair:
                for together in (False, True):
                    stored.of_months([month], together=together).delete()


def _is_wrong(organization: Organization, day: date) -> bool:
    right, stored = count_day(organization, day), _stored(organization)
    both = [added_up(stored.of_days([day], together=each)) for each in (False, True)]
    is_wrong = both != [right, together_of(right)]
    # Asked last: what changed in between has added a row.
    return is_wrong and not _changes(organization, day).exists()

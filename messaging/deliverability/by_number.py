"""Count the outgoing texts of sender numbers, from the counts of days."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Sum

from messaging.deliverability.recounting import changed_days
from messaging.deliverability.tallies import By, day_of, start_of
from messaging.models import SenderNumber, SmsMessage, TextCount
from messaging.models.text_count import TextCountQuerySet

Status = SmsMessage.Status
DAY = timedelta(days=1)


class Part(NamedTuple):
    """A day, or the part of it that's in a period."""

    day: date
    begin: datetime
    end: datetime
    is_whole: bool


def outgoing(sender: SenderNumber, since: datetime, until: datetime) -> int:
    """Return how many texts of a period were sent, failed, or are in the outbox.

    Only texts of days that are partly in the period, or changed since they were counted, are read.
    """
    organization = sender.organization
    # Read first, like the deliverability page does.
    changed = changed_days(organization)
    counted: list[date] = []
    read: list[tuple[datetime, datetime]] = []
    for part in _parts(since, until, organization.zone):
        if part.is_whole and part.day not in changed:
            counted.append(part.day)
        elif read and read[-1][1] == part.begin:
            read[-1] = (read[-1][0], part.end)
        else:
            read.append((part.begin, part.end))
    texts = _texts(sender, since, until, Status.OUTBOX)
    texts += sum(_texts(sender, *period, Status.SENT, Status.ERROR) for period in read)
    if counted:
        texts += _sum(TextCount.objects.filter(sender=sender), counted, changed)
    return texts


def outgoing_elsewhere(sender: SenderNumber, first: date, last: date) -> int:
    """Return how many texts all other organizations sent on these days by the same carrier.

    Days are in the time zone of each organization.
    """
    rows = TextCount.objects.filter(sender__carrier=sender.carrier)
    return _sum(rows.exclude(organization=sender.organization_id), [first, last])


def _parts(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Part]:
    day = day_of(since, zone)
    while (start := start_of(day, zone)) < until:
        end = start_of(day + DAY, zone)
        yield Part(day, max(start, since), min(end, until), since <= start and end <= until)
        day += DAY


def _texts(sender: SenderNumber, since: datetime, until: datetime, *statuses: str) -> int:
    rows = SmsMessage.objects.filter(
        sender=sender,
        direction=SmsMessage.Direction.OUTGOING,
        status__in=statuses,
        created__gte=since,
        created__lt=until,
    )
    return rows.count()


def _sum(rows: TextCountQuerySet, days: list[date], without: set[date] | None = None) -> int:
    """Return the sum from the first to the last of these days."""
    rows = rows.filter(span=TextCount.Span.ALL_OF_DAY, by=By.ALL, day__range=(days[0], days[-1]))
    rows = rows.exclude(day__in=without or ()).order_by()
    return rows.aggregate(texts=Sum(F("sent") + F("failed")))["texts"] or 0

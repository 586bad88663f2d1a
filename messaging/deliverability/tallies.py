"""Count the texts of one day."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, ExtractHour, Length, NullIf
from django.db.models.lookups import LessThanOrEqual

from messaging.models import SmsMessage, TextCount
from smscenter.accounts.models import Organization

By = TextCount.By
BY_SENDER = TextCount.BY_SENDER
COUNTED = (SmsMessage.Status.SENT, SmsMessage.Status.ERROR, SmsMessage.Status.INBOX)
# A text of plain characters: one of 160, or parts of 153.
ONE_PLAIN, PLAIN_PART = 160, 153


class Key(NamedTuple):
    by: str
    value: str
    sender: int | None
    user: int | None

    @property
    def of_all_users(self) -> "Key":
        """Return the key without the user, and without the sender number if pages don't need it."""
        return Key(self.by, self.value, self.sender if self.by in BY_SENDER else None, None)


@dataclass
class Tally:
    """How many texts, and the segments of those that we sent. The names are those of TextCount."""

    sent: int = 0
    failed: int = 0
    received: int = 0
    sent_segments: int = 0
    failed_segments: int = 0
    extra_segments: int = 0
    handled: int = 0
    handled_seconds: int = 0

    def add(self, other: "Tally") -> None:
        # Not in a loop over the names, because a page adds tens of thousands.
        self.sent += other.sent
        self.failed += other.failed
        self.received += other.received
        self.sent_segments += other.sent_segments
        self.failed_segments += other.failed_segments
        self.extra_segments += other.extra_segments
        self.handled += other.handled
        self.handled_seconds += other.handled_seconds

    @property
    def outgoing(self) -> int:
        return self.sent + self.failed

    @property
    def segments(self) -> int:
        return self.sent_segments + self.failed_segments

    @property
    def rate(self) -> float:
        """Return the share of the outgoing texts that failed."""
        return self.failed / self.outgoing if self.outgoing else 0.0


TALLIED = tuple(field.name for field in fields(Tally))
Tallies = dict[Key, Tally]


def day_of(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins. In UTC, so that a difference is time that really passed."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def texts_between(organization: Organization, first: date, last: date) -> QuerySet[SmsMessage]:
    """Return the counted texts of these days."""
    end = last + timedelta(days=1)
    return SmsMessage.objects.visible_in(organization.pk).filter(
        status__in=COUNTED,
        created__gte=start_of(first, organization.zone),
        created__lt=start_of(end, organization.zone),
    )


def count_day(organization: Organization, day: date, condition: Q | None = None) -> Tallies:
    """Count a day's texts, or those of them that meet a condition, in one query."""
    texts = texts_between(organization, day, day).filter(condition or Q())
    hour = ExtractHour("created", tzinfo=organization.zone)
    groups = texts.order_by().values(
        "sender", "user", "template", "status", "reason", "encoding", hour=hour
    )
    tallies: Tallies = defaultdict(Tally)
    for group in groups.annotate(**TOTALS):
        tally = _tally(group)
        for by, value in _values(group):
            tallies[Key(by, value, group["sender"], group["user"])].add(tally)
    return dict(tallies)


LENGTH = Length(Coalesce(NullIf("sent_text", Value("")), "text"))
PLAIN = Case(
    # What an erased text said, nobody knows.
    When(Q(encoding="GSM-7") | Q(remote_phone=""), then=F("segments")),
    When(LessThanOrEqual(LENGTH, ONE_PLAIN), then=Value(1)),
    default=(LENGTH + (PLAIN_PART - 1)) / PLAIN_PART,
    output_field=IntegerField(),
)
TOTALS = {
    "texts": Count("*"),
    "total_segments": Sum("segments"),
    "extra": Sum(F("segments") - PLAIN),
    "handled_texts": Count("handled"),
    "handled_after": Sum(F("handled") - F("created")),
}


def _tally(group: Mapping[str, Any]) -> Tally:
    texts, segments = group["texts"], group["total_segments"]
    if group["status"] == SmsMessage.Status.INBOX:
        return Tally(received=texts)
    if group["status"] == SmsMessage.Status.SENT:
        return Tally(sent=texts, sent_segments=segments, extra_segments=group["extra"])
    after = group["handled_after"] or timedelta()
    return Tally(
        failed=texts,
        failed_segments=segments,
        extra_segments=group["extra"],
        handled=group["handled_texts"],
        handled_seconds=int(after.total_seconds()),
    )


def _values(group: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield everything that a group of texts is counted by."""
    yield By.ALL, ""
    if group["status"] == SmsMessage.Status.INBOX:
        return
    yield By.HOUR, str(group["hour"])
    yield By.TEMPLATE, str(group["template"] or "")
    yield By.ENCODING, group["encoding"]
    if group["status"] == SmsMessage.Status.ERROR:
        yield By.REASON, group["reason"]

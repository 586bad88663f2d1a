"""How texts from sender numbers went in the last days: sent, failed, and why.

Each number is a search that lists its texts. So a day begins when it does for the reader, and the
same phone number at two carriers counts as one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Reason

WEEK, MONTH = 7, 30
# No count reads more texts of a number than this.
MOST_COUNTED = 100_000
# The composer asks with each key that's typed.
COMPOSER_SECONDS = 60


@dataclass(frozen=True)
class Period:
    """The texts of a phone number in the last days, today included."""

    phone: str
    since: date
    days: int
    sent: int = 0
    reasons: tuple[tuple[Reason, int], ...] = ()

    @property
    def failed(self) -> int:
        return sum(texts for _, texts in self.reasons)

    @property
    def is_capped(self) -> bool:
        return self.sent >= MOST_COUNTED

    @property
    def percent(self) -> float | None:
        """Return the share that failed, at most that share if capped, and None without texts."""
        total = self.sent + self.failed
        return 100 * self.failed / total if total else None

    @property
    def sent_url(self) -> str:
        return self._search("status:sent")

    @property
    def failed_url(self) -> str:
        return self._search("status:error")

    @property
    def by_reason(self) -> list[tuple[Reason, int, str]]:
        """Return each reason, its texts, and the search for them, most frequent first."""
        return [
            (reason, texts, self._search(f"status:error reason:{reason.value}"))
            for reason, texts in self.reasons
        ]

    def _search(self, words: str) -> str:
        phone = self.phone if self.phone.startswith("+") else f'"{self.phone}"'
        query = f"{words} from:{phone} created >= {self.since}"
        return f"{reverse('message_list')}?{urlencode({'q': query})}"


@dataclass(frozen=True)
class Health:
    week: Period
    month: Period

    @property
    def reasons(self) -> list[tuple[Reason, tuple[Any, Any]]]:
        """Return each reason of the month with its texts and search in both periods."""
        week = {reason: (texts, url) for reason, texts, url in self.week.by_reason}
        return [
            (reason, (week.get(reason, (0, "")), (texts, url)))
            for reason, texts, url in self.month.by_reason
        ]


def of_senders(senders: Collection[SenderNumber], today: date | None = None) -> dict[int, Health]:
    """Return the health of these numbers by id, in two queries."""
    today = today or timezone.localdate()
    counted = _Counted.read(senders, today)
    return {sender.pk: counted.health(sender.phone, today) for sender in senders}


def recent(sender: SenderNumber) -> Health:
    """Return a number's health, at most a minute old."""
    today = timezone.localdate()
    key = f"sender_health:{sender.pk}:{today}:{timezone.get_current_timezone_name()}"
    health: Health | None = cache.get(key)
    if health is None:
        health = of_senders([sender], today)[sender.pk]
        cache.set(key, health, COMPOSER_SECONDS)
    return health


@dataclass
class _Counted:
    """Texts by phone and by number of days."""

    sent: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    failed: dict[tuple[str, int], dict[Reason, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    @classmethod
    def read(cls, senders: Iterable[SenderNumber], today: date) -> Self:
        counted = cls()
        organizations = {sender.organization_id for sender in senders}
        numbers = SenderNumber.objects.filter(
            organization__in=organizations, phone__in={sender.phone for sender in senders}
        )
        sent = numbers.annotate(week=_sent(today, WEEK), month=_sent(today, MONTH))
        phones = {}
        found: list[Any] = list(sent.only("organization_id", "phone"))
        for number in found:
            phones[number.pk] = number.phone
            counted.sent[number.phone, WEEK] += number.week
            counted.sent[number.phone, MONTH] += number.month
        for sender, reason, week, month in _failed(found, today):
            counted.failed[phones[sender], WEEK][Reason(reason)] += week
            counted.failed[phones[sender], MONTH][Reason(reason)] += month
        return counted

    def health(self, phone: str, today: date) -> Health:
        return Health(self._period(phone, WEEK, today), self._period(phone, MONTH, today))

    def _period(self, phone: str, days: int, today: date) -> Period:
        counts = self.failed[phone, days].items()
        reasons = sorted(((r, n) for r, n in counts if n), key=lambda each: (-each[1], each[0]))
        sent = min(self.sent[phone, days], MOST_COUNTED)
        return Period(phone, _first_day(today, days), days, sent, tuple(reasons))


class _LimitedCount(Subquery):
    """The number of rows, which stops at the limit of the query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS limited)"
    output_field = IntegerField()


def _sent(today: date, days: int) -> _LimitedCount:
    """Count in the index of senders by date, up to the limit."""
    rows = SmsMessage.objects.filter(
        sender=OuterRef("pk"),
        direction=SmsMessage.Direction.OUTGOING,
        status=SmsMessage.Status.SENT,
        created__gte=_start(today, days),
    )
    return _LimitedCount(rows.order_by().values("pk")[:MOST_COUNTED])


def _failed(senders: Sequence[SenderNumber], today: date) -> Iterator[tuple[int, str, int, int]]:
    """Yield sender, reason, and texts in a week and a month, from the index of failed texts."""
    rows = SmsMessage.objects.failed().filter(sender__in=senders, created__gte=_start(today, MONTH))
    week = Count("created", filter=Q(created__gte=_start(today, WEEK)))
    counts = rows.order_by().values("sender", "reason").annotate(week=week, month=Count("created"))
    yield from counts.values_list("sender", "reason", "week", "month")


def _first_day(today: date, days: int) -> date:
    return today - timedelta(days=days - 1)


def _start(today: date, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(_first_day(today, days), time.min))

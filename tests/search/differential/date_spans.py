"""Compute the spans of dates and phrases of the search language in a time zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.search.differential.trees import Ago, Day, Moment, Month, Phrase

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


@dataclass(frozen=True)
class Span:
    """Represent a time span that excludes its end. None means no limit."""

    start: datetime | None
    end: datetime | None

    def contains(self, moment: datetime) -> bool:
        return (self.start is None or self.start <= moment) and (
            self.end is None or moment < self.end
        )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days(first: date, after: date, zone: ZoneInfo) -> Span:
    return Span(midnight(first, zone), midnight(after, zone))


def months_later(day: date, count: int) -> date:
    """Return the day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def before(now: datetime, ago: Ago, zone: ZoneInfo) -> datetime:
    """Return the time before `now`. Days and longer units keep the time of day."""
    if ago.unit in CLOCK:
        return (now - ago.count * CLOCK[ago.unit]).astimezone(UTC)
    local = now.astimezone(zone)
    day = day_before(local.date(), ago)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def day_before(today: date, ago: Ago) -> date:
    if ago.unit in {"day", "week"}:
        return today - timedelta(days=ago.count * (7 if ago.unit == "week" else 1))
    return months_later(today, -ago.count * (12 if ago.unit == "year" else 1))


def span(value: Day | Month | Moment | Phrase | Ago, now: datetime, zone: ZoneInfo) -> Span:
    """Return the span of a value. For a plain `Ago` that's the calendar day."""
    today = now.astimezone(zone).date()
    match value:
        case Day(day):
            return days(day, day + timedelta(days=1), zone)
        case Month(year, month):
            first = date(year, month, 1)
            return days(first, months_later(first, 1), zone)
        case Moment(local, seconds):
            # In an hour that the clock repeats, this time occurs twice.
            shown = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
            first, last = shown if shown[0] <= shown[1] else (shown[0], shown[0])
            return Span(first, last + timedelta(seconds=1 if seconds else 60))
        case Ago():
            return _age_span(value, now, zone)
        case Phrase(words):
            return _phrase_span(words, today, zone)


def _age_span(ago: Ago, now: datetime, zone: ZoneInfo) -> Span:
    limit = before(now, ago, zone)
    if ago.form == "ago":
        day = limit.astimezone(zone).date()
        return days(day, day + timedelta(days=1), zone)
    just_after = timedelta(microseconds=1)
    if ago.form == "more":
        return Span(None, limit)
    return Span(limit + (just_after if ago.form == "less" else timedelta()), now + just_after)


def _phrase_span(words: str, today: date, zone: ZoneInfo) -> Span:
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if words in near:
        first = today + timedelta(days=near[words])
        return days(first, first + timedelta(days=1), zone)
    if words in WEEKDAYS:
        first = today - timedelta(days=(today.weekday() - WEEKDAYS.index(words)) % 7)
        return days(first, first + timedelta(days=1), zone)
    which, unit = words.split()
    first, after = _period(today, unit, {"last": -1, "this": 0, "next": 1}[which])
    return days(first, after, zone)


def _period(today: date, unit: str, step: int) -> tuple[date, date]:
    if unit == "week":
        first = today - timedelta(days=today.weekday() - 7 * step)
        return first, first + timedelta(days=7)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = (today.month - 1) // size * size + 1
    first = months_later(date(today.year, month, 1), size * step)
    return first, months_later(first, size)

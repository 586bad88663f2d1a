"""Dates as people type them: `today`, `last week`, `3 days ago`, `2026-11`, `2026-11-23T10:00`.

A date is a half-open span: its first moment, and the first moment after it. Dates are read in the
time zone of `now`, so a day may have 23 or 25 hours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"min": "minute", "mins": "minute", "minutes": "minute"} | {
    f"{unit}{plural}": unit
    for unit in ("minute", "hour", "day", "week", "month", "year")
    for plural in ("", "s")
}
MOMENT = timedelta(microseconds=1)
LARGEST_AGE = 10_000
EXAMPLES = "today, last week, 3 days ago, 2026-11, or 2026-11-23"


PHRASES = (
    *("today", "yesterday", "this week", "last week", "this month", "last month", "this year"),
    *("last 7 days", "3 days ago", "more than 14 days ago", "never"),
)
RARER = ("last quarter", "last year", "this quarter", "next week", "next month", "tomorrow", "now")
COUNTED = ("day", "hour", "week", "month", "minute", "year")
COUNTING = ("{} ago", "last {}", "less than {} ago", "more than {} ago")


class DateError(ValueError):
    """The text isn't a date."""


@dataclass(frozen=True)
class Span:
    """The time from `start` until before `end`. None is an open end."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Date(Span):
    """A date as typed. `3 days ago` has an `age`, the moment to compare with.

    Rows younger than an age already exist, so that span ends at `now_ended`.
    """

    text: str = ""
    age: datetime | None = None
    now_ended: datetime | None = None

    def window(self, operator: str) -> Span:
        """Return the moments x for which `x operator date` is true."""
        if self.age is not None:
            return self._age_window(operator, self.age)
        match operator:
            case "<":
                return Span(None, self.start)
            case "<=":
                return Span(None, self.end)
            case ">":
                return Span(self.end, None)
            case ">=":
                return Span(self.start, None)
        return Span(self.start, self.end)

    def _age_window(self, operator: str, age: datetime) -> Span:
        """Compare ages: `created < 3 days ago` finds rows less than three days old."""
        match operator:
            case "<":
                return Span(shift(age, MOMENT), self.now_ended)
            case "<=":
                return Span(age, self.now_ended)
            case ">":
                return Span(None, age)
            case ">=":
                return Span(None, shift(age, MOMENT))
        return Span(self.start, self.end)


def read(text: str, now: datetime) -> Date:
    """Return the date in a text, in the time zone of `now`. Raises DateError."""
    text = " ".join(text.lower().split())
    try:
        for pattern, reader in READERS:
            if match := re.fullmatch(pattern, text, re.ASCII):
                span = reader(now, **match.groupdict())
                _check_years(span)
                age = now_minus(now, **match.groupdict()) if reader is _on_day_of_age else None
                return Date(span.start, span.end, text, age, shift(now, MOMENT))
    except (ValueError, OverflowError) as error:
        raise DateError(text) from error
    raise DateError(text)


def phrases_starting_with(typed: str) -> list[str]:
    """Return the phrases that begin with the typed text, using its number if it has one."""
    if not typed:
        return list(PHRASES)
    typed = " ".join(typed.split()) + (" " if typed[-1].isspace() else "")
    number = re.search(r"\d{1,6}", typed)
    count = number[0] if number else "7"
    units = [f"{count} {unit}{'' if count == '1' else 's'}" for unit in COUNTED]
    counted = [form.format(unit) for form in COUNTING for unit in units]
    known = dict.fromkeys((*PHRASES, *RARER, *WEEKDAYS, *counted))
    return [phrase for phrase in known if phrase.startswith(typed.lower())]


def _check_years(span: Span) -> None:
    """Refuse years that databases and time zones disagree about. Raises ValueError."""
    for moment in (span.start, span.end):
        if moment and not 1000 <= moment.year <= 9000:
            raise ValueError(moment)


def read_range(low: str, high: str, now: datetime) -> Date:
    """Return the date for `2026-11-01..2026-11-07`. One end may be open. Raises DateError."""
    first = read(low, now) if low else None
    last = read(high, now) if high else None
    if first is None and last is None:
        raise DateError("..")
    start = first.start if first else None
    return Date(start, last.end if last else None, f"{low}..{high}")


def midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time.min, zone)


def shift(moment: datetime, by: timedelta) -> datetime:
    """Return the moment that much later in elapsed time.

    Python adds to an aware datetime in local clock time: that loses the fold, and may end in an
    hour that the clock skips.
    """
    return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)


def _on_clock(local: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a clock shows this time.

    They differ in an hour that the clock repeats. A time that it skips is moved forward.
    """
    first, last = (local.replace(fold=fold) for fold in (0, 1))
    if first.astimezone(UTC) > last.astimezone(UTC):
        first = last = shift(first, timedelta())
    return first, last


def _days(first: date, after: date, now: datetime) -> Span:
    return Span(midnight(first, now.tzinfo), midnight(after, now.tzinfo))


def _day(now: datetime, offset: int = 0) -> Span:
    day = now.date() + timedelta(days=offset)
    return _days(day, day + timedelta(days=1), now)


def _now(now: datetime) -> Span:
    return Span(now, shift(now, MOMENT))


def _weekday(now: datetime, weekday: str) -> Span:
    """Return the latest such day, which may be today."""
    return _day(now, -((now.weekday() - WEEKDAYS.index(weekday)) % 7))


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, or its last day if it's shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for length in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, length)
        except ValueError:
            if length == 28:
                raise
    raise AssertionError


def _period(now: datetime, which: str, unit: str) -> Span:
    """Return this, last, or next week (from Monday), month, quarter, or year."""
    offset = {"last": -1, "this": 0, "next": 1}[which]
    today = now.date()
    if unit == "week":
        monday = today + timedelta(days=7 * offset - today.weekday())
        return _days(monday, monday + timedelta(days=7), now)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    first = add_months(first, offset * months)
    return _days(first, add_months(first, months), now)


def now_minus(now: datetime, number: str, unit: str) -> datetime:
    """Return the same time of day that many days, weeks, months, or years ago.

    Hours and minutes are elapsed time. Raises ValueError or OverflowError before the first year.
    """
    count, unit = int(number), UNITS[unit]
    if count > LARGEST_AGE * 60:
        raise OverflowError(number)
    if unit in {"minute", "hour"}:
        return shift(now, -timedelta(**{f"{unit}s": count}))
    if unit in {"day", "week"}:
        day = now.date() - timedelta(days=count * (7 if unit == "week" else 1))
    else:
        day = add_months(now.date(), -count * (12 if unit == "year" else 1))
    return shift(datetime.combine(day, now.timetz()), timedelta())


def _on_day_of_age(now: datetime, number: str, unit: str) -> Span:
    """Return the calendar day: `created:"3 days ago"`. It's the day for hours and minutes too."""
    return _day(now_minus(now, number, unit))


def _less_than(now: datetime, number: str, unit: str) -> Span:
    return Span(shift(now_minus(now, number, unit), MOMENT), shift(now, MOMENT))


def _more_than(now: datetime, number: str, unit: str) -> Span:
    return Span(None, now_minus(now, number, unit))


def _last_units(now: datetime, number: str, unit: str) -> Span:
    return Span(now_minus(now, number, unit), shift(now, MOMENT))


def _year(now: datetime, year: str) -> Span:
    return _days(date(int(year), 1, 1), date(int(year) + 1, 1, 1), now)


def _month(now: datetime, year: str, month: str) -> Span:
    first = date(int(year), int(month), 1)
    return _days(first, add_months(first, 1), now)


def _date(now: datetime, text: str) -> Span:
    day = date.fromisoformat(text)
    return _days(day, day + timedelta(days=1), now)


def _moment(now: datetime, text: str) -> Span:
    """Return a span as long as the last unit given: a minute, a second, or less.

    In an hour that the clock repeats, it's from the first such time to the last.
    """
    typed = datetime.fromisoformat(text.upper().replace(" ", "T"))
    if typed.tzinfo is None:
        start, last = _on_clock(typed.replace(tzinfo=now.tzinfo))
    else:
        start = last = typed.astimezone(now.tzinfo)
    clock = re.search(r"[t ]([\d:.]+)", text)
    length = clock[1] if clock else ""
    exact = {1: timedelta(minutes=1), 2: timedelta(seconds=1)}[length.count(":")]
    return Span(start, shift(last, MOMENT if "." in length else exact))


AGE = rf"(?P<number>\d{{1,6}}) (?P<unit>{'|'.join(UNITS)})"
READERS: list[tuple[str, Callable[..., Span]]] = [
    (r"now", _now),
    (r"today", _day),
    (r"yesterday", lambda now: _day(now, -1)),
    (r"tomorrow", lambda now: _day(now, 1)),
    (rf"(?P<weekday>{'|'.join(WEEKDAYS)})", _weekday),
    (r"(?P<which>this|last|next) (?P<unit>week|month|quarter|year)", _period),
    (rf"{AGE} ago", _on_day_of_age),
    (rf"less than {AGE} ago", _less_than),
    (rf"more than {AGE} ago", _more_than),
    (rf"last {AGE}", _last_units),
    (r"(?P<year>\d{4})", _year),
    (r"(?P<year>\d{4})-(?P<month>\d{2})", _month),
    (r"(?P<text>\d{4}-\d{2}-\d{2})", _date),
    (
        r"(?P<text>\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(z|[+-]\d{2}:?\d{2})?)",
        _moment,
    ),
]

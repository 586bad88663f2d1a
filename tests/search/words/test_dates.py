"""Test dates as people type them: their spans in a time zone, and how they compare."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from search.words.dates import DateError, Span, add_months, read, read_range

NEW_YORK = ZoneInfo("America/New_York")
# A Monday.
NOW = datetime(2026, 11, 23, 16, 55, 30, tzinfo=NEW_YORK)


def at(  # the parts of a date, in their order
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=NEW_YORK)


def hours(span: Span) -> float:
    assert span.start
    assert span.end
    return (span.end.timestamp() - span.start.timestamp()) / 3600


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", at(2026, 11, 23), at(2026, 11, 24)),
        ("  TODAY ", at(2026, 11, 23), at(2026, 11, 24)),
        ("yesterday", at(2026, 11, 22), at(2026, 11, 23)),
        ("tomorrow", at(2026, 11, 24), at(2026, 11, 25)),
        ("monday", at(2026, 11, 23), at(2026, 11, 24)),
        ("sunday", at(2026, 11, 22), at(2026, 11, 23)),
        ("tuesday", at(2026, 11, 17), at(2026, 11, 18)),
        ("this week", at(2026, 11, 23), at(2026, 11, 30)),
        ("last week", at(2026, 11, 16), at(2026, 11, 23)),
        ("next week", at(2026, 11, 30), at(2026, 12, 7)),
        ("last month", at(2026, 10, 1), at(2026, 11, 1)),
        ("next month", at(2026, 12, 1), at(2027, 1, 1)),
        ("this quarter", at(2026, 10, 1), at(2027, 1, 1)),
        ("last quarter", at(2026, 7, 1), at(2026, 10, 1)),
        ("last year", at(2025, 1, 1), at(2026, 1, 1)),
        ("2026", at(2026, 1, 1), at(2027, 1, 1)),
        ("2026-02", at(2026, 2, 1), at(2026, 3, 1)),
        ("2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("2026-11-23T10:00", at(2026, 11, 23, 10), at(2026, 11, 23, 10, 1)),
        ("2026-11-23 10:00:05", at(2026, 11, 23, 10, 0, 5), at(2026, 11, 23, 10, 0, 6)),
        ("2026-11-23T15:00Z", at(2026, 11, 23, 10), at(2026, 11, 23, 10, 1)),
        ("2026-11-23T10:00-05:00", at(2026, 11, 23, 10), at(2026, 11, 23, 10, 1)),
        ("3 days ago", at(2026, 11, 20), at(2026, 11, 21)),
        ("20 hours ago", at(2026, 11, 22), at(2026, 11, 23)),
        ("2 weeks ago", at(2026, 11, 9), at(2026, 11, 10)),
        ("9 months ago", at(2026, 2, 23), at(2026, 2, 24)),
    ],
)
def test_a_date_spans_from_its_first_moment_to_the_next(
    text: str, start: datetime, end: datetime
) -> None:
    span = read(text, NOW)
    assert (span.start, span.end) == (start, end)


def test_spans_that_end_now() -> None:
    moment = timedelta(microseconds=1)
    last = read("last 3 days", NOW)
    assert (last.start, last.end) == (at(2026, 11, 20, 16, 55, 30), NOW + moment)
    less = read("less than 90 mins ago", NOW)
    assert (less.start, less.end) == (NOW - timedelta(minutes=90) + moment, NOW + moment)
    assert read("more than 1 year ago", NOW).end == at(2025, 11, 23, 16, 55, 30)
    assert read("now", NOW).start == NOW


@pytest.mark.parametrize(
    ("operator", "start", "end"),
    [
        (":", at(2026, 11, 1), at(2026, 12, 1)),
        ("<", None, at(2026, 11, 1)),
        ("<=", None, at(2026, 12, 1)),
        (">", at(2026, 12, 1), None),
        (">=", at(2026, 11, 1), None),
    ],
)
def test_a_span_compares_as_a_whole(
    operator: str, start: datetime | None, end: datetime | None
) -> None:
    assert read("2026-11", NOW).window(operator) == Span(start, end)


def test_an_age_compares_as_an_age() -> None:
    then = at(2026, 11, 20, 16, 55, 30)
    typed = read("3 days ago", NOW)
    moment = timedelta(microseconds=1)
    # A lower age doesn't include the future.
    assert typed.window("<") == Span(then + moment, NOW + moment)
    assert typed.window("<=") == Span(then, NOW + moment)
    assert typed.window(">") == Span(None, then)
    assert typed.window(">=").end == then + timedelta(microseconds=1)
    assert typed.window(":") == Span(at(2026, 11, 20), at(2026, 11, 21))


def test_a_day_with_a_clock_change_has_23_or_25_hours() -> None:
    assert hours(read("2026-03-08", NOW)) == 23
    assert hours(read("2026-11-01", NOW)) == 25
    assert hours(read("this week", at(2026, 3, 4))) == 7 * 24 - 1


def test_days_ago_keep_the_time_of_day_and_hours_ago_are_exact() -> None:
    after_the_change = at(2026, 3, 8, 12)
    assert read("1 day ago", after_the_change).age == at(2026, 3, 7, 12)
    assert read("24 hours ago", after_the_change).age == at(2026, 3, 7, 11)


def test_today_depends_on_the_time_zone() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert read("today", late).start != read("today", late.astimezone(NEW_YORK)).start


def test_a_month_ago_is_the_last_day_of_a_shorter_month() -> None:
    assert add_months(at(2026, 3, 31).date(), -1).isoformat() == "2026-02-28"
    assert add_months(at(2024, 3, 31).date(), -1).isoformat() == "2024-02-29"
    assert read("1 year ago", at(2024, 2, 29, 8)).age == at(2023, 2, 28, 8)


def test_ranges_include_both_whole_days() -> None:
    assert read_range("2026-11-01", "2026-11-07", NOW).window(":") == Span(
        at(2026, 11, 1), at(2026, 11, 8)
    )
    assert read_range("", "today", NOW).window(":") == Span(None, at(2026, 11, 24))
    assert read_range("2026-11", "", NOW).window(":") == Span(at(2026, 11, 1), None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2026-13", "2026-02-30", "2026-11-23T25:00", "11/23/2026", "0001-01-01"),
        *("9999-12-31", "99999 years ago", "999999 minutes", "last", "3 ago", "٣ days ago", ".."),
        *("2026-11-23T10:00+99:99", "1 fortnight ago", "last 3 weekends", "next 3 days"),
    ],
)
def test_invalid_dates(text: str) -> None:
    with pytest.raises(DateError):
        read(text, NOW)


def test_a_range_needs_an_end() -> None:
    with pytest.raises(DateError):
        read_range("", "", NOW)

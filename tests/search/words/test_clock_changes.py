"""Test the hour that a clock repeats in fall, and the one that it skips in spring."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leads.models import CustomField, Lead
from search import run
from search.words.dates import read
from smscenter.accounts.models import User
from smscenter.demo.clock import Clock
from tests import factories

NEW_YORK = ZoneInfo("America/New_York")
# 1:35 AM EST on November 1, 2026: the second time that the clock showed 1:35.
NOW = datetime(2026, 11, 1, 6, 35, tzinfo=UTC)


@pytest.fixture
def leads(rep: User) -> dict[str, Lead]:
    """Create leads 20 and 80 minutes ago, both at 1:15 AM."""
    return {
        name: factories.lead(rep, name, created=NOW - timedelta(minutes=ago))
        for name, ago in (("EST", 20), ("EDT", 80))
    }


def found(text: str, rep: User) -> list[str]:
    return sorted(lead.name for lead in run("lead", text, rep, NOW).rows)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("created:last 30 minutes", ["EST"]),
        ("created:less than 30 minutes ago", ["EST"]),
        ("created < 30 minutes ago", ["EST"]),
        ("created <= 30 minutes ago", ["EST"]),
        ("created > 30 minutes ago", ["EDT"]),
        ("created:more than 30 minutes ago", ["EDT"]),
        ("created:last 2 hours", ["EDT", "EST"]),
        ("created <= now", ["EDT", "EST"]),
        ("created > now", []),
        ("created:2026-11-01T01:15", ["EDT", "EST"]),
        ("created < 2026-11-01T01:15", []),
        ("created <= 2026-11-01T01:15", ["EDT", "EST"]),
        ("created > 2026-11-01T01:15", []),
        ("created:2026-11-01T01:15-05:00", ["EST"]),
        ("created:2026-11-01T05:15Z", ["EDT"]),
    ],
)
@pytest.mark.usefixtures("leads")
def test_times_in_a_repeated_hour_are_distinguished(rep: User, text: str, names: list[str]) -> None:
    assert found(text, rep) == names


def utc(text: str, now: datetime) -> tuple[Any, Any]:
    span = read(text, now)
    return tuple(end and end.astimezone(UTC) for end in (span.start, span.end))  # type: ignore[return-value]  # both ends


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    now = datetime(2026, 3, 8, 12, tzinfo=NEW_YORK)

    start, end = utc("2026-03-08T02:30", now)

    assert start == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert end - start == timedelta(minutes=1)
    # 2:30 AM on the day before exists, and so does 3:30 AM a week later.
    week_later = datetime(2026, 3, 15, 2, 30, tzinfo=NEW_YORK)
    assert read("1 week ago", week_later).age == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("minutes", range(0, 240, 5))
def test_recent_rows_are_found_during_a_clock_change(minutes: int) -> None:
    for midnight in (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 3, 8, 5, tzinfo=UTC)):
        now = (midnight + timedelta(minutes=minutes)).astimezone(NEW_YORK)
        start, end = utc("last 30 minutes", now)
        assert timedelta(minutes=30) < end - start < timedelta(minutes=31)
        start, end = utc("2 days ago", now)
        assert end - start == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("created:last 30 minutes", "Nov 1, 2026, 1:05 AM EST to Nov 1, 2026, 1:35 AM EST"),
        ("created < 1 hour ago", "since Nov 1, 2026, 1:35 AM EDT"),
        ("created:2026-11-01T01:15", "created on Nov 1, 2026, 1:15 AM (both times)"),
        ("created:2026-11-01T05:15Z", "created on Nov 1, 2026, 1:15 AM EDT"),
        ("created >= 2026-11-23T15:00Z", "created since Nov 23, 2026, 10:00 AM"),
        ("created <= 2026-11-23T10:00", "created until Nov 23, 2026, 10:00 AM"),
        ("created > 2026-11-23T10:00", "created after Nov 23, 2026, 10:00 AM"),
        ("created:2026-11-23T10:00", "created on Nov 23, 2026, 10:00 AM"),
    ],
)
def test_a_typed_time_is_described_in_the_users_time_zone(
    rep: User, text: str, expected: str
) -> None:
    assert expected in run("lead", text, rep, NOW).interpretation


def test_a_custom_date_is_compared_in_the_users_time_zone(rep: User) -> None:
    CustomField.objects.create(organization=rep.organization, name="Trial ends", kind="date")  # type: ignore[misc]  # a rep has one
    factories.lead(rep, "Next day", custom={"Trial ends": "2026-11-24"})

    # 10 PM in New York is already the next day in UTC.
    assert found('"Trial ends" <= 2026-11-23T22:00', rep) == []
    assert found('"Trial ends" >= 2026-11-23T22:00', rep) == ["Next day"]


def test_ages_exclude_the_future(rep: User) -> None:
    lead = factories.lead(rep, "Ada")
    later = NOW + timedelta(days=2)
    factories.message(lead, status="scheduled", created=NOW, scheduled=later)

    for operator in ("<", "<="):
        assert found(f"sms(scheduled {operator} 3 days ago)", rep) == []
    assert found("sms(scheduled > now)", rep) == ["Ada"]


@pytest.mark.parametrize("now", ["2026-03-08T07:05", "2026-11-01T06:35"])
def test_demo_data_has_no_future_dates_when_the_clock_changes(now: str) -> None:
    at = datetime.fromisoformat(f"{now}+00:00")
    clock = Clock(at, NEW_YORK)
    for step in range(101):
        assert clock.today(step / 100) <= at

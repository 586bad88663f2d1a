"""Times in lists, in one or two words and in full."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from smscenter import moments

NOW = datetime(2026, 11, 25, 23, 3, 5, tzinfo=UTC)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("at", "brief"),
    [
        (NOW, "6:03 PM EST"),
        (datetime(2026, 11, 25, 4, 59, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 11, 3, 12, tzinfo=UTC), "Nov 3"),
        (datetime(2025, 11, 3, 12, tzinfo=UTC), "Nov 3, 2025"),
    ],
)
def test_a_list_shows_times_briefly(
    at: datetime, brief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with timezone.override("America/New_York"):
        assert moments.brief(at) == brief


def test_the_full_time_has_the_day_and_the_zone() -> None:
    with timezone.override("America/New_York"):
        assert moments.exact(NOW) == "Wednesday, November 25, 2026, 6:03:05 PM EST"


def test_the_hour_that_comes_twice_has_the_name_of_its_zone() -> None:
    with timezone.override("America/New_York"):
        at = datetime(2026, 11, 1, 6, 15, tzinfo=UTC)
        assert moments.day(at) == "Nov 1, 2026 (EST)"
        assert moments.clock(at) == "1:15 AM EST"

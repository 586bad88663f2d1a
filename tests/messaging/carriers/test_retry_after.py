"""A carrier that's busy says how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from messaging.carriers.retry_after import retry_after

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 27 Nov 2026 12:20:00 GMT", timedelta(minutes=20)),
        ("Fri, 27 Nov 2026 11:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("", timedelta()),
        ("-5", timedelta()),
        ("soon", timedelta()),
        ("²", timedelta()),
    ],
)
def test_the_header_is_seconds_or_a_date(
    monkeypatch: pytest.MonkeyPatch, header: str, wait: timedelta
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    assert retry_after({"Retry-After": header}) == wait

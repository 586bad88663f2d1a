"""A carrier that's busy says how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from urllib3 import HTTPResponse

from messaging.carriers import CarrierError
from messaging.carriers.session import BoundedSession
from messaging.carriers.twilio.adapter import Adapter as Twilio
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.conftest import MakeSms

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [429, 503])
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
def test_the_wait_is_part_of_the_error(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    make_sms: MakeSms,
    status: int,
    header: str,
    wait: timedelta,
) -> None:
    settings.TWILIO_ACCOUNTS = {"": Account("AC1", "secret")}
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    content = b'{"code": 20429, "message": "Too many requests"}'
    busy = HTTPResponse(content, headers={"Retry-After": header}, status=status)
    monkeypatch.setattr(BoundedSession, "request", lambda *_, **__: busy)
    with pytest.raises(CarrierError) as caught:
        Twilio().send(make_sms())
    assert caught.value.retry_after == wait

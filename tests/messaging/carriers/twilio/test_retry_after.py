"""A carrier that's busy says how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from django.utils import timezone
from requests.adapters import HTTPAdapter

from messaging.carriers import CarrierError
from messaging.carriers.twilio.adapter import Adapter as Twilio
from tests.messaging.carriers.conftest import MakeSms

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


class BusyAdapter(HTTPAdapter):
    """Respond with this status and header."""

    def __init__(self, status: int, header: str) -> None:
        super().__init__()
        self.status, self.header = status, header

    def send(self, *_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code = self.status
        response.headers["Retry-After"] = self.header
        response._content = b'{"code": 20429, "message": "Too many requests"}'
        return response


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
    monkeypatch: pytest.MonkeyPatch, make_sms: MakeSms, status: int, header: str, wait: timedelta
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    twilio = Twilio()
    twilio.session.mount("https://", BusyAdapter(status, header))
    with pytest.raises(CarrierError) as caught:
        twilio.send(make_sms())
    assert caught.value.retry_after == wait

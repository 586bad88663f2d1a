from typing import Any

import pytest
from pytest_django import Settings
from urllib3 import HTTPResponse

from messaging.carriers.session import BoundedSession
from messaging.carriers.twilio.adapter import Adapter as Twilio
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.conftest import MakeSms


def test_texts_are_sent_to_twilios_api(
    settings: Settings, make_sms: MakeSms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only test that doesn't use real HTTP, because the address is Twilio's."""
    settings.TWILIO_ACCOUNTS = {"": Account("AC1", "secret")}
    settings.PUBLIC_URL = "https://sms.example.com"
    requests: list[tuple[str, str, dict[str, Any]]] = []

    def record(_: object, method: str, url: str, **options: Any) -> HTTPResponse:
        requests.append((method, url, options))
        return HTTPResponse(b'{"sid": "SM1"}', status=201)

    monkeypatch.setattr(BoundedSession, "request", record)
    sms = make_sms("Hello")
    assert Twilio().send(sms).carrier_id == "SM1"
    ((method, url, options),) = requests
    assert (method, url) == (
        "POST",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
    )
    assert options["headers"]["authorization"] == "Basic QUMxOnNlY3JldA=="
    assert "Idempotency-Key" not in options["headers"]
    assert f"webhooks%2Ftwilio%2Fstatus%2F%3Fattempt%3D{sms.key}" in options["body"]

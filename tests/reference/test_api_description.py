"""What we send to Twilio, and what the sandbox answers, fit Twilio's description of its API.

Prism stands between the two, and reports what doesn't fit.
"""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from urllib3 import BaseHTTPResponse

from messaging.carriers import CarrierError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.numbers import FROM, TO
from messaging.carriers.sandbox.server import SandboxServer
from messaging.carriers.session import BoundedSession
from messaging.carriers.twilio.adapter import Adapter as Twilio
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.contract.setup import make_sms

pytestmark = [pytest.mark.contract, pytest.mark.once]

SERVICE = "MG" + "0" * 32
# Twilio's own example of a list has a relative address here, too.
ALLOWED = {("response", "body", "uri")}


@pytest.fixture
def prism(settings: Settings, node_modules: Path, openapi: Path) -> Iterator[str]:
    """Run Prism in front of the sandbox. Return its address."""
    with SandboxServer() as server, socket.create_server(("127.0.0.1", 0)) as free:
        server.control.hang, server.control.lose = 0.1, 1.0
        port = free.getsockname()[1]
        free.close()
        program = node_modules / ".bin" / "prism"
        command = [str(program), "proxy", str(openapi), server.url, "-p", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert any("is listening" in line for line in process.stdout), "Prism didn't start"
            settings.SANDBOX_URL = f"http://127.0.0.1:{port}"
            settings.PUBLIC_URL = "https://sms.example.com"
            yield settings.SANDBOX_URL
            process.terminate()


@pytest.fixture
def responses(monkeypatch: pytest.MonkeyPatch) -> list[BaseHTTPResponse]:
    """Record all responses to carriers' requests."""
    recorded: list[BaseHTTPResponse] = []
    original = BoundedSession.request

    def record(*args: Any, **options: Any) -> BaseHTTPResponse:
        recorded.append(original(*args, **options))
        return recorded[-1]

    monkeypatch.setattr(BoundedSession, "request", record)
    return recorded


def violations(response: BaseHTTPResponse) -> list[dict[str, Any]]:
    """Return what Prism found. A status that the description doesn't list is only a warning."""
    found = json.loads(response.headers.get("sl-violations", "[]"))
    return [
        each
        for each in found
        if each["severity"] == "Error" and tuple(each["location"]) not in ALLOWED
    ]


def test_texts_and_lookups_fit_the_description(
    prism: str, responses: list[BaseHTTPResponse], settings: Settings
) -> None:
    account = Account(settings.SANDBOX_ACCOUNT_SID, settings.SANDBOX_AUTH_TOKEN, api_url=prism)
    settings.TWILIO_ACCOUNTS = {"": account}
    texts = [make_sms(to=number) for number in TO] + [make_sms(sender=number) for number in FROM]
    for carrier in (Twilio(), Sandbox()):
        for sms in texts:
            with suppress(CarrierError):
                carrier.send(sms)
        found = carrier.find(texts[-1], timezone.now())
        assert isinstance(found, list)
    assert len(responses) > len(texts)
    assert [found for response in responses for found in violations(response)] == []


def test_a_request_that_does_not_fit_is_noticed(
    prism: str, responses: list[BaseHTTPResponse], settings: Settings
) -> None:
    sid = "not an account"
    account = Account(sid, settings.SANDBOX_AUTH_TOKEN, api_url=prism)
    settings.TWILIO_ACCOUNTS = {"": account}
    with pytest.raises(CarrierError):
        Twilio().send(make_sms(service="MG1"))
    (response,) = responses
    places = {tuple(found["location"]) for found in violations(response)}
    assert any("MessagingServiceSid" in place for place in places), places

"""After a lost response, the carrier's texts are looked up before resending."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.carriers import CarrierError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.server import SandboxServer
from tests import factories
from tests.messaging.carriers.conftest import MakeSms

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_a_lost_text_is_found(
    settings: Settings, sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    settings.CARRIER_TIMEOUT_SECONDS = 0.3
    before, sms = timezone.now(), make_sms("Grüße 😀\nbis morgen", to="+15005550151")
    with pytest.raises(CarrierError):
        sandbox.send(sms)
    settings.CARRIER_TIMEOUT_SECONDS = 15
    assert [found.carrier_id for found in sandbox.find(sms, before)] == [server.messages[0].sid]


def test_a_text_that_the_carrier_changed_is_found(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    """Trial accounts add a prefix, and other carriers trim or convert the text."""
    before, sms = timezone.now(), make_sms("See you at 5 pm\u00a0")
    sent = sandbox.send(sms)
    server.messages[0].body = "Sent from your Twilio trial account - See you at 5 pm"
    assert [found.carrier_id for found in sandbox.find(sms, before)] == [sent.carrier_id]


def test_a_text_is_found_when_the_carriers_clock_is_slow(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    before, sms = timezone.now(), make_sms()
    sandbox.send(sms)
    server.messages[0].created -= timedelta(seconds=30)
    assert len(sandbox.find(sms, before)) == 1


@pytest.mark.parametrize(
    "other",
    [{"to": factories.OTHER_MOBILE}, {"sender": "+12125550188"}],
    ids=["recipient", "sender"],
)
def test_a_text_between_other_numbers_is_not_matched(
    sandbox: Sandbox, make_sms: MakeSms, other: dict[str, str]
) -> None:
    before = timezone.now()
    sandbox.send(make_sms(**other))
    assert sandbox.find(make_sms("Hello"), before) == []


def test_an_older_text_is_not_matched(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    sandbox.send(make_sms())
    server.messages[0].created -= timedelta(minutes=5)
    assert sandbox.find(make_sms(), timezone.now()) == []


def test_too_many_candidates_are_an_error(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, make_sms: MakeSms
) -> None:
    monkeypatch.setattr("messaging.carriers.twilio_protocol.carrier.SEARCHED", 2)
    for _ in range(2):
        sandbox.send(make_sms("Bye"))
    with pytest.raises(CarrierError):
        sandbox.find(make_sms(), timezone.now() - timedelta(minutes=1))
    assert sandbox.find(make_sms(), timezone.now() + timedelta(minutes=2)) == []


def test_an_unreachable_carrier_is_an_error(settings: Settings, make_sms: MakeSms) -> None:
    settings.SANDBOX_URL = "http://sandbox.invalid"
    with pytest.raises(CarrierError):
        Sandbox().find(make_sms(), timezone.now())


def test_a_refused_lookup_is_an_error(
    settings: Settings, sandbox: Sandbox, make_sms: MakeSms
) -> None:
    settings.SANDBOX_AUTH_TOKEN = "another"
    with pytest.raises(CarrierError):
        sandbox.find(make_sms(), timezone.now())

"""After an answer that got lost, the carrier is asked before anything is sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import CarrierError, OutgoingSms
from messaging.carriers.sandbox import Sandbox
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt
from tests import factories
from tests.messaging.carriers.conftest import MakeSms

pytestmark = pytest.mark.django_db


def test_it_is_there(
    settings: Settings, sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    settings.CARRIER_TIMEOUT_SECONDS = 0.3
    before, sms = timezone.now(), make_sms("Grüße 😀\nbis morgen", to="+15005550151")
    with pytest.raises(CarrierError):
        sandbox.send(sms)
    settings.CARRIER_TIMEOUT_SECONDS = 15
    found = sandbox.find(sms, before)
    assert found is not None
    assert found.carrier_id == server.messages[0].sid


@pytest.mark.parametrize(
    "other",
    [{"text": "Bye"}, {"to": factories.OTHER_MOBILE}, {"sender": "+12125550188"}],
    ids=["text", "recipient", "sender"],
)
def test_another_text_is_not_taken_for_it(
    sandbox: Sandbox, make_sms: MakeSms, other: dict[str, str]
) -> None:
    before = timezone.now()
    sandbox.send(make_sms(**other))
    assert sandbox.find(make_sms("Hello"), before) is None


def test_the_same_text_of_long_before_is_not_taken_for_it(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    sandbox.send(make_sms())
    server.messages[0].created -= timedelta(minutes=5)
    assert sandbox.find(make_sms(), timezone.now()) is None


def test_the_same_text_of_another_attempt_is_not_taken_for_it(
    sandbox: Sandbox, make_sms: MakeSms, lead: Lead
) -> None:
    before, sms = timezone.now(), make_sms()
    attribute(sandbox, sms, lead)
    assert sandbox.find(make_sms(), before) is None
    lost = sandbox.send(make_sms())
    found = sandbox.find(make_sms(), before)
    assert found is not None
    assert found.carrier_id == lost.carrier_id


def attribute(sandbox: Sandbox, sms: OutgoingSms, lead: Lead) -> None:
    Attempt.objects.create(
        organization=lead.organization,
        message=factories.message(lead),
        carrier="sandbox",
        state=Attempt.State.ACCEPTED,
        carrier_id=sandbox.send(sms).carrier_id,
    )


def test_of_several_the_oldest(sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms) -> None:
    first, _ = sandbox.send(make_sms()), sandbox.send(make_sms())
    server.network.texts[first.carrier_id].created -= timedelta(seconds=3)
    found = sandbox.find(make_sms(), timezone.now() - timedelta(minutes=1))
    assert found is not None
    assert found.carrier_id == first.carrier_id


def test_too_many_to_tell(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, make_sms: MakeSms
) -> None:
    monkeypatch.setattr("messaging.carriers.twilio.SEARCHED", 2)
    for _ in range(2):
        sandbox.send(make_sms("Bye"))
    with pytest.raises(CarrierError):
        sandbox.find(make_sms(), timezone.now() - timedelta(minutes=1))
    assert sandbox.find(make_sms(), timezone.now() + timedelta(minutes=1)) is None


def test_a_carrier_that_cannot_be_asked(settings: Settings, make_sms: MakeSms) -> None:
    settings.SANDBOX_URL = "http://sandbox.invalid"
    with pytest.raises(CarrierError):
        Sandbox().find(make_sms(), timezone.now())


def test_a_carrier_that_refuses_to_tell(
    settings: Settings, sandbox: Sandbox, make_sms: MakeSms
) -> None:
    settings.SANDBOX_AUTH_TOKEN = "another"
    with pytest.raises(CarrierError):
        sandbox.find(make_sms(), timezone.now())

"""A Twilio trial account adds a prefix to every text."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.carriers.sandbox.server import SandboxServer
from messaging.management import worker
from messaging.models import Attempt
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories

pytestmark = [pytest.mark.once, pytest.mark.django_db]

TIMES_OUT = "+15005550151"
PREFIX = "Sent from your Twilio trial account - "


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """Run a carrier without idempotency keys that sends no callbacks."""
    settings.CARRIERS = ["keyless"]
    settings.CARRIER_TIMEOUT_SECONDS = 1
    monkeypatch.setitem(carriers.REGISTRY, "keyless", "tests.faults.keyless.Keyless")
    carriers.get.cache_clear()
    with SandboxServer() as server:
        server.control.lose = 1.0
        settings.SANDBOX_URL = server.url
        yield server
    carriers.get.cache_clear()


def test_a_text_whose_response_was_lost_is_not_sent_twice(
    rep: User, lead: Lead, server: SandboxServer
) -> None:
    sender = factories.sender(lead.organization, carrier="keyless", rate=100)
    for number in range(1, 5):
        outbox.queue(user=rep, lead=lead, contact=None, sender=sender, to=TIMES_OUT, text="Hello")
        worker.run_round()
        for text in server.messages:
            text.body = f"{PREFIX}{text.body.removeprefix(PREFIX)}"
        for _ in range(2):
            Attempt.objects.filter(state="sending").update(lease_until=timezone.now())
            worker.run_round()
        print(f"{len(server.messages)} arrived of {number}")  # noqa: T201 - measured
    assert len(server.messages) == 4
    assert set(Attempt.objects.values_list("state", flat=True)) == {"accepted"}

"""Workers are killed at random moments; the carrier counts what it received.

`make faults` queues more texts and kills more workers.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from time import sleep
from typing import Any

import pytest
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories
from tests.faults.workers import Workers, bring_forward, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

IS_LONG = "FAULT_ROUNDS" in os.environ
KEYLESS = ["-m", "tests.faults.keyless_worker"]
# The texts, and the workers killed.
KEYS = (2_000, 5) if IS_LONG else (240, 3)
# The same without keys. A text whose worker dies twice is unconfirmed, so each worker has its own.
NO_KEYS = (300, 3) if IS_LONG else (160, 2)
RESPONSE = 0.3  # seconds
LEASE = 6  # seconds, with a third for each request, which is enough for a busy machine


@pytest.fixture
def sandbox(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """Run the sandbox without receipts, which would prove that a text arrived.

    Its responses come late, so that workers die while they wait for one.
    """
    with SandboxServer(control=Control(lose=1.0), seed=7) as server:
        settings.SANDBOX_URL = server.url
        accept = server.network.accept

        def accept_slowly(*request: Any) -> Any:
            accepted = accept(*request)
            sleep(RESPONSE)
            return accepted

        monkeypatch.setattr(server.network, "accept", accept_slowly)
        yield server


def queue(rep: User, lead: Lead, sender: SenderNumber, numbers: range) -> None:
    for n in numbers:
        outbox.queue(
            user=rep, lead=lead, contact=None, sender=sender, to=f"+1415200{n:04}", text="Hello"
        )


def wait_for_texts(sandbox: SandboxServer, number: int) -> None:
    """Wait until so many have arrived. The worker has no response for the last ones yet."""
    wait_until(lambda: len(sandbox.network.texts) >= number)


def kill_at_random(workers: Workers, sandbox: SandboxServer, texts: int, kills: int) -> None:
    """Kill a random worker after every few texts, while others are being sent."""
    chance = random.Random(7)
    for kill in range(kills):
        wait_for_texts(sandbox, texts * kill // kills + chance.randint(1, texts // kills // 2))
        workers.kill(chance.randrange(len(workers.running)))
        workers.start()


def all_sent() -> bool:
    bring_forward()
    return not SmsMessage.objects.exclude(status=SmsMessage.Status.SENT).exists()


def check(sandbox: SandboxServer, texts: int) -> None:
    arrived = Counter(text.to for text in sandbox.messages)
    assert len(arrived) == texts
    assert set(arrived.values()) == {1}
    ids = set(Attempt.objects.filter(state="accepted").values_list("carrier_id", flat=True))
    assert ids == {text.sid for text in sandbox.messages}
    assert Attempt.objects.count() == texts
    # Otherwise no worker died mid-attempt, and the test proved nothing.
    assert Attempt.objects.filter(claims__gt=1).exists()


def test_with_a_carrier_that_takes_idempotency_keys(
    rep: User, lead: Lead, sandbox: SandboxServer
) -> None:
    texts, kills = KEYS
    sender = factories.sender(lead.organization, carrier="sandbox", rate=30_000)
    queue(rep, lead, sender, range(texts))
    with Workers(2, sandbox.url, lease=LEASE) as workers:
        kill_at_random(workers, sandbox, texts, kills)
        wait_until(all_sent, every=0.1)
        assert workers.stop() == [0, 0]
    check(sandbox, texts)
    assert set(sandbox.network.texts_of_key.values()) == {1}


def test_with_a_carrier_that_needs_lookups(rep: User, lead: Lead, sandbox: SandboxServer) -> None:
    texts, kills = NO_KEYS
    part, chance = texts // kills, random.Random(7)
    sender = factories.sender(lead.organization, carrier="keyless", rate=30_000)
    with Workers(1, sandbox.url, KEYLESS, LEASE) as workers:
        for first in range(0, texts, part):
            queue(rep, lead, sender, range(first, first + part))
            wait_for_texts(sandbox, first + chance.randint(1, part // 2))
            workers.kill(0)
            workers.start()
            wait_until(all_sent, every=0.1)
        assert workers.stop() == [0]
    check(sandbox, texts)

"""Workers are frozen for longer than their lease, then resume as if nothing had happened.

`FAULT_ROUNDS=20 make faults` freezes more of them, and prints how many texts were sent twice.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories
from tests.faults.workers import Workers, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
TEXTS = 80
LEASE = 6  # seconds, with a third for each request, which is enough for a busy machine
# In its first round, a worker is always fresh.
WORKERS = ["fresh", "warm"] if ROUNDS > 1 else ["fresh"]
KEYLESS = ["-m", "tests.faults.keyless_worker"]


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[SandboxServer]:
    """Run the sandbox without receipts, which would prove that a text arrived."""
    with SandboxServer(control=Control(lose=1.0), seed=7) as server:
        settings.SANDBOX_URL = server.url
        yield server


@transaction.atomic
def queue(rep: User, lead: Lead, carrier: str, round_number: int) -> None:
    phone = f"+1212555{round_number:04}"
    sender = factories.sender(lead.organization, carrier=carrier, phone=phone, rate=30_000)
    for number in range(TEXTS):
        to = f"+1415{200 + round_number:03}{number:04}"
        outbox.queue(user=rep, lead=lead, contact=None, sender=sender, to=to, text="Hello")


def is_settled() -> bool:
    """Return whether only lookups are left that are due much later, as after a timeout."""
    soon = timezone.now() + timedelta(seconds=10)
    unsettled = Q(state="queued") | Q(state="sending", lease_until__lt=soon)
    return not Attempt.objects.filter(unsettled).exists()


def is_locked() -> bool:
    """Return whether the worker was frozen within a transaction that blocks all others."""
    time.sleep(0.2)  # until its last statement has reached the database
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                for table in (SenderNumber, Attempt, SmsMessage, Lead):
                    cursor.execute(f"SELECT 1 FROM {table._meta.db_table} FOR UPDATE NOWAIT")
    except OperationalError:
        return True
    return False


def freeze_one(
    workers: Workers, sandbox: SandboxServer, chance: random.Random, queue: Callable[[], None]
) -> None:
    """Freeze a worker mid-batch, let another one finish its work, then resume it."""
    before = len(sandbox.network.texts)
    queue()
    goal = before + chance.randint(1, TEXTS - 25)
    wait_until(lambda: len(sandbox.network.texts) >= goal)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100")
    workers.freeze(0)
    while is_locked():
        workers.thaw(0)
        time.sleep(chance.random() / 50)
        workers.freeze(0)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 20000")
    workers.start()
    wait_until(is_settled, every=0.1)
    workers.thaw(0)
    time.sleep(1)
    workers.replace_ended()


@pytest.mark.parametrize("state", WORKERS)
@pytest.mark.parametrize(
    ("carrier", "command"), [("sandbox", None), ("keyless", KEYLESS)], ids=["keys", "no keys"]
)
def test_a_thawed_worker_sends_nothing_twice(
    rep: User,
    lead: Lead,
    sandbox: SandboxServer,
    carrier: str,
    command: list[str] | None,
    state: str,
) -> None:
    chance = random.Random(f"{carrier} {state}")
    with Workers(0, sandbox.url, command, LEASE) as workers:
        for number in range(ROUNDS):
            if not workers.running:
                workers.start()
            freeze_one(workers, sandbox, chance, partial(queue, rep, lead, carrier, number))
            workers.kill(-1)
            if state == "fresh":
                workers.kill(0)
    arrived = Counter(text.to for text in sandbox.messages)
    sent_twice = [to for to, times in arrived.items() if times > 1]
    states = Counter(Attempt.objects.values_list("state", flat=True))
    taken_over = Attempt.objects.filter(claims__gt=1).count()
    print(  # noqa: T201 - measured
        f"{carrier}, {state}: {len(sent_twice)} of {ROUNDS * TEXTS} twice, "
        f"{taken_over} taken over, {dict(states)}"
    )
    assert sent_twice == []
    # Without a definite lookup, a person may have to decide. On a slow machine, connecting can take
    # too long: then nothing was sent, and the text is retried.
    assert states.keys() <= {"accepted", "sending", "uncertain", "failed"}
    arrived_or_open = Q(attempts__state__in=["accepted", "sending", "uncertain"])
    assert SmsMessage.objects.filter(arrived_or_open).distinct().count() == ROUNDS * TEXTS
    accepted = Attempt.objects.filter(state="accepted").values_list("carrier_id", flat=True)
    assert set(accepted) <= {text.sid for text in sandbox.messages}

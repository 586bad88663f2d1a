"""Half an hour of load: each minute a worker is killed, and every five minutes one is frozen.

`make load` runs it and prints each minute's figures. LOAD_MINUTES and LOAD_RATE (texts per second)
change how long and how much. `make test` doesn't collect this file.
"""

import itertools
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead
from messaging import carriers
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.management.consistency import rollups
from messaging.models import Attempt, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories
from tests.faults.workers import Workers, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MINUTES = int(os.environ.get("LOAD_MINUTES", "30"))
RATE = int(os.environ.get("LOAD_RATE", "20"))
LEADS = 200
FREEZE_EVERY = 5  # minutes
LEASE, FROZEN = 30, 40  # seconds
MOST_MEGABYTES = 150
# One in this many is refused by the carrier, and one goes to a landline.
EVERY = 20
REFUSED, LANDLINE = "+15005550001", "+15005550106"
KEYLESS = ["-m", "tests.faults.keyless_worker"]


class Memory(NamedTuple):
    """The resident memory of the oldest worker and of the largest one, in megabytes."""

    oldest: float
    largest: float


@pytest.fixture
def sandbox(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    """Run the sandbox, with its callbacks to the web application, some twice and out of order."""
    monkeypatch.setitem(carriers.REGISTRY, "keyless", "tests.faults.keyless.Keyless")
    settings.CARRIERS = ["sandbox", "keyless"]
    settings.PUBLIC_URL = live_server.url
    monkeypatch.setenv("PUBLIC_URL", live_server.url)
    control = Control(duplicate=0.02, reorder=0.02)
    with SandboxServer(control=control, seed=7) as server:
        settings.SANDBOX_URL = server.url
        yield server


class Load:
    """Queues texts, half of them to a carrier without idempotency keys."""

    def __init__(self, rep: User, first: Lead) -> None:
        self.rep = rep
        self.leads = itertools.cycle([first, *(factories.lead(rep) for _ in range(LEADS - 1))])
        self.senders = itertools.cycle(
            factories.sender(
                first.organization, carrier=carrier, phone=f"+1212555010{n}", rate=30_000
            )
            for n, carrier in enumerate(["sandbox", "keyless"])
        )
        self.numbers = itertools.count()

    @transaction.atomic
    def queue(self, texts: int) -> None:
        for number in itertools.islice(self.numbers, texts):
            to = {0: REFUSED, 1: LANDLINE}.get(number % EVERY, f"+1415{2_000_000 + number}")
            sender, lead = next(self.senders), next(self.leads)
            outbox.queue(
                user=self.rep, lead=lead, contact=None, sender=sender, to=to, text=f"Text {number}"
            )
            if number % EVERY == EVERY - 1:
                next(self.senders)  # so that each carrier gets each kind


def memory(workers: Workers) -> Memory:
    ids = ",".join(str(process.pid) for process in workers.running)
    output = subprocess.run(["ps", "-o", "rss=", "-p", ids], capture_output=True, check=True).stdout
    sizes = [int(size) / 1024 for size in output.split()]
    return Memory(sizes[0], max(sizes))


def one_minute(workers: Workers, load: Load, chance: random.Random, *, freezing: bool) -> float:
    """Queue texts for a minute, in which workers die and freeze. Return how late it was."""
    kill_at, freeze_at = chance.randrange(5, 55), chance.randrange(2, 18)
    start = time.monotonic()
    for second in range(60):
        load.queue(RATE)
        if second == kill_at:
            workers.kill(1)
            workers.start()
        if freezing and second == freeze_at:
            workers.freeze(0)
            # In a thread, because the worker may have locked what `queue` waits for.
            threading.Timer(FROZEN, workers.thaw, [0]).start()
        workers.replace_ended()
        time.sleep(max(0.0, start + second + 1 - time.monotonic()))
    return time.monotonic() - start - 60


def unsettled() -> QuerySet[SmsMessage]:
    """Return the texts of which the outcome is still to come."""
    soon = timezone.now() + timedelta(minutes=2)
    waiting = Q(attempts__state="queued") | Q(
        attempts__state="sending", attempts__lease_until__lt=soon
    )
    unreported = Q(status="sent", attempts__receipt__in=["", "queued", "sent"])
    return SmsMessage.objects.filter(waiting | unreported)


def twice(sandbox: SandboxServer, keyless: bool) -> list[str]:
    """Return the recipients who got a text twice from this carrier."""
    texts = [t.to for t in sandbox.messages if bool(t.key) is not keyless and t.to != LANDLINE]
    return [to for to, times in Counter(texts).items() if times > 1]


def show(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - measured


def test_half_an_hour_of_load(rep: User, lead: Lead, sandbox: SandboxServer) -> None:
    chance = random.Random(7)
    load = Load(rep, lead)
    measured: list[Memory] = []
    with Workers(2, sandbox.url, KEYLESS, LEASE) as workers:
        for minute in range(1, MINUTES + 1):
            late = one_minute(workers, load, chance, freezing=minute % FREEZE_EVERY == 0)
            measured.append(memory(workers))
            show(
                f"{minute} min: {len(sandbox.messages)} at the carrier, "
                f"{SmsMessage.objects.filter(status='outbox').count()} in the outbox, "
                f"{measured[-1].oldest:.0f} MB, {late:.0f} s late"
            )
        wait_until(lambda: not unsettled().exists(), 600)
        assert workers.stop() == [0, 0]
    report(sandbox, measured)


def report(sandbox: SandboxServer, measured: list[Memory]) -> None:
    """Print what became of all texts, and check it."""
    queued = SmsMessage.objects.filter(direction="outgoing")
    arrived = {text.to for text in sandbox.messages}
    good = queued.exclude(remote_phone__in=[REFUSED, LANDLINE])
    uncertain = queued.filter(attempts__state=Attempt.State.UNCERTAIN)
    lost = {*good.values_list("remote_phone", flat=True)} - arrived
    ended = {*queued.filter(status__in=["sent", "error"]).values_list("pk", flat=True)}
    accounted = ended | {*uncertain.values_list("pk", flat=True)}
    unaccounted = {*queued.values_list("pk", flat=True)} - accounted
    known = {*Attempt.objects.exclude(carrier_id="").values_list("carrier_id", flat=True)}
    unknown = {text.sid for text in sandbox.messages} - known
    drift = list(rollups.check(Lead.objects.all()))
    twice_with_keys, twice_without = twice(sandbox, keyless=False), twice(sandbox, keyless=True)
    largest = max(each.largest for each in measured)
    taken_over = Attempt.objects.filter(claims__gt=1).count()
    show(
        f"{queued.count()} queued, {taken_over} taken over, {len(lost)} lost, "
        f"{len(twice_with_keys)} twice with keys, {len(twice_without)} twice without, "
        f"{uncertain.count()} unconfirmed, {len(unaccounted)} unaccounted, "
        f"{len(unknown)} unknown to us, {len(drift)} wrong rollups; the oldest worker: "
        f"{measured[0].oldest:.0f} MB at first, {measured[-1].oldest:.0f} MB at the end, "
        f"at most {largest:.0f} MB"
    )
    assert (lost, twice_with_keys, twice_without, drift) == (set(), [], [], [])
    assert not unaccounted
    assert largest < MOST_MEGABYTES

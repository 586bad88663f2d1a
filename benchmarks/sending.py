"""Compare the worker to a bare loop of 20 threads with the same HTTP client.

The carrier is a local server in a process of its own that answers in 50 ms. Rounds alternate, so
that other load on the machine affects all of them.
"""

import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from django.conf import settings
from django.db import connection, reset_queries
from django.db.models import Q
from django.test import override_settings

from benchmarks.plain_carrier import a_text
from leads.models import Lead
from messaging import carriers
from messaging.management.worker import Worker
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import claims
from tests import factories

THREADS = 20
CARRIERS = ["sandbox", "plain", "other"]
TEXTS, ROUNDS = 800, 5
HANGING = 100  # one of this many
QUEUED = 10_000
FEW, MANY = 100, 100_000
MIN_RATIO, MIN_RATE = 0.8, 300
MIN_RATIO_HANGING = 0.9
MAX_SECONDS_FAIR = 1.0
MAX_RATIO_CLAIM = 1.5
# So that no sender number's rate is the limit.
RATE = 30_000
numbers = itertools.count()


class World:
    """An organization with leads and a sender number at each carrier."""

    def __init__(self, slug: str) -> None:
        organization = factories.organization(slug)
        user = factories.user(organization, slug)
        self.leads = [factories.lead(user, f"Lead {n}") for n in range(100)]
        self.senders = {
            carrier: factories.sender(
                organization, carrier=carrier, phone=f"+1212555{next(numbers):04}", rate=RATE
            )
            for carrier in settings.CARRIERS
        }

    def queue(self, carrier: str, number: int, every_hangs: int = 0) -> list[Attempt]:
        """Queue this many texts, of which one in `every_hangs` never gets an answer."""
        sender, leads = self.senders[carrier], itertools.cycle(self.leads)
        rows = [
            _message(
                next(leads), sender, hangs=every_hangs > 0 and n % every_hangs == every_hangs // 2
            )
            for n in range(number)
        ]
        messages = SmsMessage.objects.bulk_create(rows, batch_size=2000)
        attempts = [
            Attempt(
                organization_id=sender.organization_id, message=m, sender=sender, carrier=carrier
            )
            for m in messages
        ]
        return Attempt.objects.bulk_create(attempts, batch_size=2000)


def _message(lead: Lead, sender: SenderNumber, *, hangs: bool) -> SmsMessage:
    text = a_text(next(numbers), hangs)
    return SmsMessage(
        organization_id=lead.organization_id,
        lead=lead,
        sender=sender,
        direction="outgoing",
        status="outbox",
        text=text.text,
        sent_text=text.text,
        remote_phone=text.to,
        local_phone=sender.phone,
    )


@contextmanager
def carrier_server() -> Iterator[None]:
    """Run the carrier, and use it with three adapters."""
    command = [sys.executable, "-m", "benchmarks.slow_carrier"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent) as it:
        assert it.stdout is not None
        url = f"http://127.0.0.1:{int(it.stdout.readline())}"
        os.environ["PLAIN_URL"] = f"{url}/texts"
        carriers.REGISTRY["plain"] = "benchmarks.plain_carrier.Plain"
        carriers.REGISTRY["other"] = "benchmarks.plain_carrier.Other"
        try:
            with override_settings(CARRIERS=CARRIERS, SANDBOX_URL=url):
                yield
        finally:
            it.terminate()


def bare(carrier: str) -> float:
    """Return how many texts per second a loop sends that stores nothing."""
    send = carriers.get(carrier).send
    texts = [a_text(n) for n in range(TEXTS)]
    with ThreadPoolExecutor(THREADS) as pool:
        start = perf_counter()
        list(pool.map(send, texts))
        return TEXTS / (perf_counter() - start)


def work(done: Callable[[Sequence[Attempt]], bool]) -> float:
    """Run a worker until `done` with the attempts accepted so far. Return the seconds."""
    worker = Worker(threads=THREADS)
    accepted: list[Attempt] = []
    process = worker.pipeline.accepted

    def record(attempts: Sequence[Attempt]) -> None:
        process(attempts)
        accepted.extend(attempts)

    worker.pipeline.accepted = record
    start = perf_counter()
    while not done(accepted):
        worker.turn()
    seconds = perf_counter() - start
    worker.pipeline.close()
    worker.job_runner.stop()
    return seconds


def working(world: World, carrier: str, every_hangs: int = 0) -> float:
    """Return how many texts per second a worker sends, without those that hang."""
    hanging = TEXTS // every_hangs if every_hangs else 0
    queued = world.queue(carrier, TEXTS, every_hangs)
    used = [carrier] if Attempt.objects.count() == len(queued) else CARRIERS
    with override_settings(CARRIERS=used):
        seconds = work(lambda accepted: len(accepted) >= TEXTS - hanging)
    clear()
    return TEXTS / seconds


def beside_a_hanging_carrier(world: World) -> float:
    """Return how many texts per second a worker sends while another carrier answers nothing."""
    world.queue("other", 300, every_hangs=1)
    return working(world, "plain")


def lone(world: World, other: World, queued: int) -> float:
    """Return the seconds that one text takes while another organization has many queued."""
    if queued:
        world.queue("plain", queued)
    attempts: list[Attempt] = []
    since = 0.0

    def done(accepted: Sequence[Attempt]) -> bool:
        nonlocal since
        if not attempts and len(accepted) >= min(200, queued):
            attempts.extend(other.queue("plain", 1))
            since = perf_counter()
        return bool(attempts) and attempts[0] in accepted[-200:]

    work(done)
    seconds = perf_counter() - since
    clear()
    return seconds


def clear() -> None:
    reset_queries()
    Attempt.objects.all().delete()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM messaging_attempt")
            cursor.execute("VACUUM leads_lead")


def claim_ms() -> float:
    start = perf_counter()
    claim = claims.claim(40, scope=claims.Scope("plain"))
    seconds = perf_counter() - start
    claims.release(claim, claim.attempts)
    SenderNumber.objects.update(next_send_at=None)
    assert len(claim.attempts) == 40
    return seconds * 1000


def show(name: str, values: Sequence[float], unit: str) -> float:
    """Print the median and the spread. Return the median."""
    print(f"  {name:<44} {median(values):8.1f} {unit:<5} ({min(values):.1f} to {max(values):.1f})")
    return median(values)


def show_ratio(name: str, ratio: float, limit: float, *, least: bool) -> bool:
    print(f"  {name:<44} {ratio:8.2f}       at {'least' if least else 'most'} {limit:.2f}")
    return ratio >= limit if least else ratio <= limit


def throughput(world: World) -> bool:
    functions: dict[str, Callable[[], float]] = {
        "bare loop, plain HTTP": lambda: bare("plain"),
        "worker, plain HTTP": lambda: working(world, "plain"),
        "worker, plain HTTP, 1 % hang": lambda: working(world, "plain", HANGING),
        "worker, plain HTTP, another carrier hangs": lambda: beside_a_hanging_carrier(world),
        "bare loop, sandbox": lambda: bare("sandbox"),
        "worker, sandbox": lambda: working(world, "sandbox"),
    }
    rates: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(ROUNDS + 1):
        for name, function in functions.items():
            rate = function()
            if number:
                rates[name].append(rate)
    loop, worker, hang, beside, sdk, sandbox = rates.values()
    for name, each in rates.items():
        show(name, each, "/s")
    return all(
        [
            show_ratio("worker / bare loop", ratio(worker, loop), MIN_RATIO, least=True),
            show_ratio("worker, texts per second", median(worker), MIN_RATE, least=True),
            show_ratio("1 % hang / none", ratio(hang, worker), MIN_RATIO_HANGING, least=True),
            show_ratio(
                "another hangs / none", ratio(beside, worker), MIN_RATIO_HANGING, least=True
            ),
            show_ratio("sandbox: worker / bare loop", ratio(sandbox, sdk), 0.0, least=True),
        ]
    )


def ratio(values: Sequence[float], bases: Sequence[float]) -> float:
    """Return the median of each round's ratio."""
    return median(value / base for value, base in zip(values, bases, strict=True))


def fairness(world: World, other: World) -> bool:
    alone = [lone(world, other, 0) for _ in range(3)]
    behind = [lone(world, other, QUEUED) for _ in range(3)]
    show("one text, nothing else queued", [s * 1000 for s in alone], "ms")
    seconds = show(f"one text behind {QUEUED:,} of another", [s * 1000 for s in behind], "ms")
    return show_ratio("seconds", seconds / 1000, MAX_SECONDS_FAIR, least=False)


@contextmanager
def no_triggers() -> Iterator[None]:
    """Don't run triggers on PostgreSQL: updating a lead a thousand times takes minutes there."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def flatness(world: World) -> bool:
    world.queue("plain", FEW)
    few = [claim_ms() for _ in range(20)]
    with no_triggers():
        world.queue("plain", MANY)
    many = [claim_ms() for _ in range(20)]
    base = show(f"claim of 40, {FEW} queued", few, "ms")
    growth = show(f"claim of 40, {MANY:,} queued", many, "ms") / base
    clear()
    return show_ratio("ratio", growth, MAX_RATIO_CLAIM, least=False)


def run() -> bool:
    """Return whether all limits are met."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            # Lines are written, but not to this terminal. Threads that hang may write later.
            handler.setStream(Path(os.devnull).open("w"))  # noqa: SIM115
    with carrier_server():
        world, other = World("sending"), World("sending-other")
        SenderNumber.objects.filter(~Q(rate=RATE)).update(rate=RATE)
        return all([throughput(world), fairness(world, other), flatness(world)])

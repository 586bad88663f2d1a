"""Put load on an installation for a while, and measure its processes meanwhile."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from benchmarks.large.queries import LEADS as SEARCHES
from benchmarks.production import data, processes
from benchmarks.production.stack import Stack
from messaging.models import Attempt, CarrierEvent
from tests.faults.workers import wait_until
from tests.production.installation import SANDBOX_TOKEN

ROOT = Path(__file__).parents[2]
# Don't queue more while texts for this many seconds wait.
MOST_QUEUED = 5
DRAIN_SECONDS = 180
SAMPLE_EVERY = 10.0
SHOW_EVERY = 60.0
# What people look for often, each as often as one of the others.
TYPED = ["smith", "maria", "phone:415", "status:qualified", "latest_sms_status:error", "owner:me"]
TEXT_SEARCHES = ["", "status:error", "direction:incoming", "user:me", "created:today"]
ROLES = {
    "gunicorn": "web",
    "manage.py worker": "workers",
    "nginx": "nginx",
    "pgbouncer": "PgBouncer",
    "production.carrier": "carrier",
    "production.people": "people",
}
# Those whose memory is limited.
OURS = ("web", "workers")


@dataclass
class Sample:
    """The CPU seconds of each role until now, and the memory of each process of ours."""

    at: float
    cpu: dict[str, float]
    machine: tuple[float, float]
    memory: dict[str, list[float]]


@dataclass
class Load:
    chosen: argparse.Namespace
    site: Stack
    samples: list[Sample] = field(default_factory=list)
    queued: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.texts = data.Texts()
        self.known: dict[int, list[float]] = {}

    @contextmanager
    def carrier(self) -> Iterator[None]:
        configuration = {
            "port": self.site.sandbox_port,
            "url": self.site.url,
            "token": SANDBOX_TOKEN,
            "account": settings.SANDBOX_ACCOUNT_SID,
            "certificate": str(self.site.certificate),
            "reports_each": self.chosen.callbacks / max(1, self.chosen.texts),
        }
        with _child("carrier", configuration) as process:
            wait_until(self.is_carrier_up, every=0.1)
            yield
            process.terminate()

    @contextmanager
    def people(self, cookies: list[str]) -> Iterator[subprocess.Popen[str]]:
        think = self.chosen.think
        configuration = {
            "port": self.site.https,
            "certificate": str(self.site.certificate),
            "cookies": cookies,
            "seconds": self.chosen.minutes * 60,
            "think": [think * 2 / 3, think * 4 / 3],
            "searches": TYPED * (len(SEARCHES) // len(TYPED)) + SEARCHES,
            "text_searches": TEXT_SEARCHES,
        }
        with _child("people", configuration) as process:
            yield process

    def is_carrier_up(self) -> bool:
        with suppress(URLError):
            return bool(self.counts())
        return False

    def counts(self) -> dict[str, Any]:
        """Return what the carrier has counted so far."""
        with urlopen(f"http://127.0.0.1:{self.site.sandbox_port}/counts", timeout=30) as response:
            counts: dict[str, Any] = json.load(response)
        return counts

    def go(self, seconds: float) -> None:
        """Queue texts each second, and measure."""
        start = monotonic()
        sampled = shown = start - SAMPLE_EVERY
        while (now := monotonic()) < start + seconds:
            if now - sampled >= SAMPLE_EVERY:
                sampled = now
                self.samples.append(self.sample())
            if self._waiting().count() < MOST_QUEUED * self.chosen.texts:
                self.texts.queue(self.chosen.texts)
                self.queued += self.chosen.texts
            else:
                self.skipped += self.chosen.texts
            if now - shown >= SHOW_EVERY:
                shown = now
                arrived = self.counts()["texts"]
                largest = {role: max(self.samples[-1].memory[role]) for role in OURS}
                print(
                    f"  {(now - start) / 60:3.0f} min: {arrived:,} of {self.queued:,} texts at the "
                    f"carrier, largest web process {largest['web']:.0f} MB, worker "
                    f"{largest['workers']:.0f} MB",
                    flush=True,
                )
            sleep(max(0.0, 1 - (monotonic() - now)))
        self.samples.append(self.sample())
        self.seconds = monotonic() - start
        self.at_end = self.counts()

    def drain(self) -> None:
        """Wait until all texts are sent, and all reports processed."""
        give_up = monotonic() + DRAIN_SECONDS
        while self._is_busy() and monotonic() < give_up:
            sleep(1)
        self.counted = self.counts()

    def _is_busy(self) -> bool:
        return (
            self._waiting().exists()
            or bool(self.counts()["waiting"])
            or CarrierEvent.objects.new().exists()
        )

    def sample(self) -> Sample:
        cpu = {"PostgreSQL": processes.cpu_seconds(_postmaster())} if _postmaster() else {}
        memory: dict[str, list[float]] = {role: [] for role in OURS}
        for pid in processes.children(os.getpid()):
            role = _role(pid)
            cpu[role] = cpu.get(role, 0) + processes.cpu_seconds(pid)
            if role in OURS:
                tree = processes.tree(pid)
                # gunicorn's first process only starts the others.
                memory[role] += [processes.megabytes(each) for each in tree[role == "web" :]]
        own = sum(os.times()[:2])
        return Sample(monotonic(), cpu | {"queueing": own}, processes.machine_seconds(), memory)

    def _attempts(self) -> QuerySet[Attempt]:
        """Return the attempts of this run, of which no other program adds any."""
        return Attempt.objects.filter(pk__gt=self.texts.last_attempt)

    def _waiting(self) -> QuerySet[Attempt]:
        return self._attempts().filter(state__in=["queued", "sending"])

    def refused(self) -> int:
        """Return how many texts we didn't send, such as to numbers that opted out."""
        return self._attempts().filter(state="failed", carrier_id="").count()

    def lost(self) -> int:
        """Return how many texts the carrier doesn't have."""
        return self.queued - self.refused() - int(self.counted["texts"])

    def undelivered(self) -> int:
        """Return how many texts aren't shown as delivered although the carrier reported it."""
        if self.chosen.callbacks < self.chosen.texts:
            return 0
        return self._attempts().exclude(carrier_id="").exclude(receipt="delivered").count()


@contextmanager
def _child(name: str, configuration: Mapping[str, Any]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", f"benchmarks.production.{name}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(configuration) + "\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def _role(pid: int) -> str:
    command = processes.command(pid)
    return next((role for part, role in ROLES.items() if part in command), "other")


def _postmaster() -> int:
    """Return the process ID of PostgreSQL, 0 for one on another machine and for SQLite."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    try:
        return processes.parent(backend)
    except processes.GONE:
        return 0

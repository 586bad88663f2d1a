"""Run real workers on the test database, as processes that can be killed."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import TimeoutExpired
from time import monotonic, sleep
from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from messaging.models import Attempt
from tests import fork_server

ROOT = Path(settings.BASE_DIR)
# Importing the project takes most of what a worker takes to start.
PREPARE = """
import django
django.setup()
import messaging.management.commands.worker, smscenter.urls
"""
SHORTEST_DELAY = timedelta(seconds=30)  # of a check that a worker put off; leases are shorter


def database_url() -> str:
    """Return the URL of the test database, whose name isn't the one in the settings."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, password, host = (
        quote(str(database[key]), safe="") for key in ("USER", "PASSWORD", "HOST")
    )
    return f"postgres://{user}:{password}@{host}:{database['PORT']}/{database['NAME']}"


def wait_until(condition: Callable[[], bool], seconds: float = 180, every: float = 0.01) -> None:
    """Poll until the condition holds. Fail when it takes longer than `seconds`.

    Pass an `every` of more seconds for a condition that takes a query.
    """
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "The condition didn't hold in time."
        sleep(every)


def bring_forward() -> None:
    """Let workers now check the texts that they put off, as after a timeout on a busy machine."""
    now = timezone.now()
    put_off = Attempt.objects.filter(state="sending", lease_until__gt=now + SHORTEST_DELAY)
    if put_off.exists():  # on SQLite, even an update of no rows keeps workers from writing
        put_off.update(lease_until=now)


class Workers:
    """Run `number` workers. None outlives the `with` block.

    The `lease` in seconds is short, so that a killed worker's attempts are soon taken over.
    """

    def __init__(
        self, number: int, sandbox_url: str, command: list[str] | None = None, lease: int = 3
    ) -> None:
        self.number = number
        self.command = command or [str(ROOT / "manage.py"), "worker"]
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "SANDBOX_URL": sandbox_url,
            "SEND_LEASE_SECONDS": str(lease),
            "CARRIER_TIMEOUT_SECONDS": str(lease // 3),
            "LOG_LEVEL": "ERROR",
        }
        self.server: fork_server.Server | None = None
        self.running: list[fork_server.Process] = []

    def start(self) -> None:
        self.server = self.server or fork_server.Prepared(PREPARE, self.environment)
        process = fork_server.Process(self.command, self.environment, self.server)
        self.running.append(process)

    def kill(self, index: int) -> None:
        """Kill a worker, whatever it is doing."""
        process = self.running.pop(index)
        process.kill()
        process.wait()

    def freeze(self, index: int) -> None:
        """Stop a worker mid-work, like a suspended or swapping machine does."""
        self.running[index].send_signal(signal.SIGSTOP)

    def thaw(self, index: int) -> None:
        self.running[index].send_signal(signal.SIGCONT)

    def replace_ended(self) -> None:
        """Start a worker in place of the first one if it has ended, as when it was frozen."""
        if self.running[0].poll() is not None:
            self.kill(0)
            self.start()

    def stop(self) -> list[int]:
        """Stop them with SIGTERM, and return the exit codes."""
        for process in self.running:
            wait_until(lambda out=process.out: "\n" in out.read_text())  # type: ignore[misc]
            # It has printed that it handles signals.
            process.send_signal(signal.SIGTERM)
        return [self._wait_for(process) for process in self.running]

    def _wait_for(self, process: fork_server.Process) -> int:
        try:
            return process.wait(timeout=60)
        except TimeoutExpired as error:
            error.add_note(process.stacks())
            raise

    def __enter__(self) -> Self:
        for _ in range(self.number):
            self.start()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        if self.server:
            self.server.close()

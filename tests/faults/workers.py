"""Real workers, as processes that can be killed, on the database of the test run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)


def database_url() -> str:
    """Of the test database, which has another name than the one of the settings."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user, password, host = (quote(str(given[key]), safe="") for key in ("USER", "PASSWORD", "HOST"))
    return f"postgres://{user}:{password}@{host}:{given['PORT']}/{given['NAME']}"


def wait_until(happened: Callable[[], bool], seconds: float = 180) -> None:
    """Look again and again. Fails when it does not happen in time."""
    end = monotonic() + seconds
    while not happened():
        assert monotonic() < end, "It did not happen in time."
        sleep(0.01)


class Workers:
    """So many workers at a time. Whatever happens, none outlives the `with` block."""

    def __init__(self, number: int, sandbox_url: str, command: list[str] | None = None) -> None:
        self.number = number
        self.command = command or [str(ROOT / "manage.py"), "worker", "--interval", "0.05"]
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "SANDBOX_URL": sandbox_url,
            # Short, so that what a killed worker held is soon taken over.
            "SEND_LEASE_SECONDS": "3",
            "CARRIER_TIMEOUT_SECONDS": "1",
            "LOG_LEVEL": "ERROR",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.running.append(
            subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
            )
        )

    def kill(self, index: int) -> None:
        """In the middle of whatever it does."""
        process = self.running.pop(index)
        process.kill()
        process.wait()

    def freeze(self, index: int) -> None:
        """As a machine does that is suspended, or out of memory: in the middle of whatever."""
        self.running[index].send_signal(signal.SIGSTOP)

    def thaw(self, index: int) -> None:
        self.running[index].send_signal(signal.SIGCONT)

    def stop(self) -> list[int]:
        """Stop them with SIGTERM, and return the exit codes."""
        for process in self.running:
            assert process.stdout is not None
            process.stdout.readline()  # it says that it listens to signals
            process.send_signal(signal.SIGTERM)
        return [process.wait(timeout=60) for process in self.running]

    def __enter__(self) -> Self:
        for _ in range(self.number):
            self.start()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.running:
            process.kill()
            process.wait()

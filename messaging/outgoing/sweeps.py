"""What the worker does besides sending texts: other apps register it in their AppConfig.ready.

A sweep looks for rows that are due and handles them. It stands in for no queue: nothing is lost
when a process dies, because the next sweep finds the rows again.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from django.db import connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sweep:
    """`run` is called by one thread of each worker, `every` so many seconds."""

    run: Callable[[], object]
    every: float


registered: list[Sweep] = []


def register(run: Callable[[], object], *, every: float) -> None:
    registered.append(Sweep(run, every))


class Sweeper:
    """Runs due sweeps in a separate thread, so that a slow mail server delays no text."""

    def __init__(self) -> None:
        self.last: dict[Sweep, float] = {}
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="sweep")
        self.running: Future[None] | None = None

    def start(self) -> None:
        """Start due sweeps in the thread, unless it's still at work."""
        is_idle = self.running is None or self.running.done()
        if is_idle and self._due():
            self.running = self.pool.submit(self._run_in_thread)

    def run(self) -> None:
        """Run due sweeps here."""
        for sweep in self._due():
            self.last[sweep] = time.monotonic()
            _run(sweep)

    def stop(self) -> None:
        """Wait for the thread."""
        self.pool.submit(_close_connection)
        self.pool.shutdown()

    def _due(self) -> list[Sweep]:
        now, never = time.monotonic(), float("-inf")
        return [each for each in registered if now - self.last.get(each, never) >= each.every]

    def _run_in_thread(self) -> None:
        try:
            self.run()
        finally:
            # Not more often than a request would.
            connection.close_if_unusable_or_obsolete()


def _close_connection() -> None:
    """Close the connection of the calling thread."""
    connection.close()


def _run(sweep: Sweep) -> None:
    """Run a sweep. If it fails, the others go on, and its rows are still due next time."""
    try:
        sweep.run()
    except Exception:
        log.exception("sweep_failed", sweep=sweep.run.__qualname__)

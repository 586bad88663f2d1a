"""What the worker does regularly besides sending texts. Apps register jobs in their hooks.

A job looks for rows that are due and handles them. It needs no queue: nothing is lost when a
process dies, because the next run finds the rows again.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter

import structlog
from django.db import connection

from smscenter.registry import Registry

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """`run` is called by one thread of each worker, every `every` seconds."""

    run: Callable[[], object]
    every: float


jobs: Registry[Job] = Registry(key=attrgetter("run"))


class JobRunner:
    """Run due jobs in a separate thread, so that a mail server that hangs doesn't delay texts."""

    def __init__(self, jobs: Iterable[Job] = jobs) -> None:
        self.jobs = jobs
        self.last: dict[Job, float] = {}
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="jobs")
        self.running: Future[None] | None = None

    def start(self) -> None:
        """Start due jobs, unless the last run hasn't finished."""
        is_idle = self.running is None or self.running.done()
        if is_idle and self._due():
            self.running = self.pool.submit(self._run_in_thread)

    def run(self) -> None:
        for job in self._due():
            self.last[job] = time.monotonic()
            _run(job)

    def stop(self) -> None:
        """Wait for the current run to finish."""
        self.pool.submit(_close_connection)
        self.pool.shutdown()

    def _due(self) -> list[Job]:
        now, never = time.monotonic(), float("-inf")
        return [job for job in self.jobs if now - self.last.get(job, never) >= job.every]

    def _run_in_thread(self) -> None:
        try:
            self.run()
        finally:
            # Like Django after a request.
            connection.close_if_unusable_or_obsolete()


def _close_connection() -> None:
    """Close the connection of the thread that calls this."""
    connection.close()


def _run(job: Job) -> None:
    """Run a job. An error in one doesn't stop the others; its rows are still due next time."""
    try:
        job.run()
    except Exception:
        log.exception("job_failed", job=job.run.__qualname__)

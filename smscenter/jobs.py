"""What the worker does regularly besides sending texts. Apps register jobs in their hooks.

A job looks for rows that are due and handles them. It needs no queue: nothing is lost when a
process dies, because the next run finds the rows again.
"""

import time
from collections import Counter, deque
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
    """`run` is called by one thread of each worker, every `every` seconds.

    Slow ones, which can take a minute, have another thread, so that mails don't wait for them.
    """

    run: Callable[[], object]
    every: float
    is_slow: bool = False


jobs: Registry[Job] = Registry(key=attrgetter("run"))


def in_turn(
    waiting: Iterable[tuple[int, int]], step: Callable[[int], bool], seconds: float
) -> None:
    """Do a step of each in turn for a moment, as long as `step` says that there's more to do.

    Takes pairs of an organization and a row. No organization has a second turn before each other
    one had its first, however much it started. Those that fail delay no other ones: the last error
    is raised at the end.
    """
    until, earlier = time.monotonic() + seconds, Counter[int]()
    failure: Exception | None = None
    ranked = []
    for organization, pk in waiting:
        ranked.append((earlier[organization], pk))
        earlier[organization] += 1
    rows = deque(pk for _, pk in sorted(ranked))
    while rows and time.monotonic() < until:
        pk = rows.popleft()
        try:
            if step(pk):
                rows.append(pk)
        except Exception as error:  # noqa: BLE001 - raised at the end
            failure = error
    if failure:
        raise failure


class JobRunner:
    """Run due jobs in separate threads, so that a mail server that hangs doesn't delay texts."""

    def __init__(self, jobs: Iterable[Job] = jobs) -> None:
        self.jobs = jobs
        self.last: dict[Job, float] = {}
        self.threads = {
            is_slow: ThreadPoolExecutor(1, thread_name_prefix="jobs") for is_slow in (False, True)
        }
        self.running: dict[bool, Future[None]] = {}

    def start(self) -> None:
        """Start due jobs, unless the last run hasn't finished."""
        for is_slow, thread in self.threads.items():
            running = self.running.get(is_slow)
            if (running is None or running.done()) and self._due(is_slow):
                self.running[is_slow] = thread.submit(self._run_in_thread, is_slow)

    def run(self) -> None:
        for is_slow in self.threads:
            self._run_due(is_slow)

    def stop(self) -> None:
        """Wait for the current runs to finish."""
        for thread in self.threads.values():
            thread.submit(_close_connection)
            thread.shutdown()

    def _due(self, is_slow: bool) -> list[Job]:
        now, never = time.monotonic(), float("-inf")
        return [
            job
            for job in self.jobs
            if job.is_slow == is_slow and now - self.last.get(job, never) >= job.every
        ]

    def _run_due(self, is_slow: bool) -> None:
        for job in self._due(is_slow):
            self.last[job] = time.monotonic()
            _run(job)

    def _run_in_thread(self, is_slow: bool) -> None:
        try:
            self._run_due(is_slow)
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

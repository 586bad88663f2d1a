"""Run jobs later: one thread watches the clock, and a few others run what's due."""

import heapq
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

logger = logging.getLogger(__name__)

Job = Callable[[], object]


class Scheduler:
    def __init__(self, workers: int) -> None:
        self.jobs: list[tuple[float, int, Job]] = []
        self.numbers = count()
        self.changed = threading.Condition()
        self.stopping = False
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="sandbox")
        self.clock = threading.Thread(target=self.watch, name="sandbox-clock", daemon=True)

    def start(self) -> None:
        self.clock.start()

    def stop(self) -> None:
        """Stop. Jobs that aren't due yet never run."""
        with self.changed:
            self.stopping = True
            self.changed.notify()
        self.clock.join()
        self.pool.shutdown(cancel_futures=True)

    def after(self, seconds: float, job: Job) -> None:
        due = time.monotonic() + seconds
        with self.changed:
            # The number keeps jobs of the same instant in order, and heapq from comparing them.
            heapq.heappush(self.jobs, (due, next(self.numbers), job))
            if self.jobs[0][0] == due:
                self.changed.notify()

    def watch(self) -> None:
        with self.changed:
            while not self.stopping:
                self.changed.wait(self.start_due())

    def start_due(self) -> float | None:
        """Start the jobs that are due. Return the seconds until the next one, if any."""
        now = time.monotonic()
        while self.jobs and self.jobs[0][0] <= now:
            self.pool.submit(run, heapq.heappop(self.jobs)[2])
        return self.jobs[0][0] - now if self.jobs else None


def run(job: Job) -> None:
    try:
        job()
    except Exception:
        logger.exception("The sandbox failed to do something")

"""The worker: sends due texts, and processes what carriers report, until it's stopped."""

import sys
import time
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, reset_queries

from messaging.incoming import events
from messaging.outgoing.pipeline import Pipeline
from search.answering import statistics
from smscenter.jobs import JobRunner

log = structlog.get_logger(__name__)

# In seconds.
EVENTS_EVERY = 0.1
TIDY_EVERY = 600.0
RECONNECT_AFTER = 1.0


def pipeline(**options: Any) -> Pipeline:
    """Return a pipeline that processes callbacks that came before their attempts were stored."""
    return Pipeline(claimed=events.process_by_key, accepted=events.process_by_carrier_id, **options)


def run_round(limit: int = 100, threads: int = 20) -> int:
    """Send up to `limit` due texts, and return when all is stored. Return the number claimed."""
    sending = pipeline(threads=threads)
    try:
        claimed = sending.claim(limit)
        sending.finish()
    finally:
        sending.close()
    return claimed


class Worker:
    """Sends due texts as long as it runs, and looks for new ones every `interval` seconds.

    A process has one worker, and calls it from one thread. Any number of processes may run.
    """

    def __init__(self, *, batch: int = 100, threads: int = 20, interval: float = 0.2) -> None:
        self.batch, self.threads = batch, threads
        self.pipeline = pipeline(threads=threads, batch=batch, interval=interval)
        self.running = True
        self.events_at = self.tidied_at = float("-inf")
        self.job_runner = JobRunner()

    def run(self) -> None:
        """Work until `stop` is called, and then finish what has begun."""
        try:
            while self.running or self.pipeline.is_busy:
                self.turn()
        finally:
            self.pipeline.close()
            self.job_runner.stop()

    def turn(self) -> None:
        try:
            if self.running:
                # First, because a delivery cancels a retry.
                self._process_events(time.monotonic())
                self.job_runner.start()
            self.pipeline.turn(claiming=self.running)
        except (OperationalError, InterfaceError):
            # Once the database is back, everything due is still due.
            log.exception("database_unavailable")
            connection.close()
            self.pipeline.forget_lost()
            time.sleep(RECONNECT_AFTER)
        reset_queries()

    def run_until_idle(self) -> None:
        """Do everything that is due now."""
        self._send_all()
        while events.process_new():
            pass
        self._process_events(time.monotonic())
        self.job_runner.run()
        self._send_all()

    def stop(self, *_signal: Any) -> None:
        """Stop after sending what has begun; if called again, exit at once."""
        if not self.running:
            sys.exit(1)
        self.running = False

    def _send_all(self) -> None:
        while run_round(self.batch, self.threads):
            pass

    def _process_events(self, now: float) -> None:
        if now - self.events_at >= EVENTS_EVERY:
            self.events_at = now
            connection.close_if_unusable_or_obsolete()
            events.process_new()
        if now - self.tidied_at >= TIDY_EVERY:
            self.tidied_at = now
            events.process_waiting()
            statistics.gather_on_sqlite()

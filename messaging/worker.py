"""The worker: sends due texts, and processes what carriers report, until it's stopped."""

import sys
import time
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, reset_queries

from messaging.incoming import events
from messaging.outgoing import claims, dispatch
from search.answering import statistics
from smscenter.jobs import JobRunner

log = structlog.get_logger(__name__)

# In seconds.
EVENTS_EVERY = 0.1
TIDY_EVERY = 600.0
RECONNECT_AFTER = 1.0


def run_round(limit: int = 100, threads: int = 20) -> int:
    """Send up to `limit` due texts. Return the number of attempts claimed.

    A process calls this from one thread only; any number of processes may do so at once.
    """
    claim = claims.claim(limit)
    # A callback with our key proves that the carrier has the text, so it isn't resent.
    events.process_by_key([attempt for attempt in claim.attempts if attempt.started])
    dispatch.hand_over(claim, threads)
    # Receipts that arrived before the carrier's ID was stored.
    events.process_by_carrier_id([attempt for attempt in claim.attempts if attempt.carrier_id])
    return len(claim.attempts)


class Worker:
    """Looks for due texts every `interval` seconds, and at once after it found some."""

    def __init__(self, *, batch: int = 100, threads: int = 20, interval: float = 0.2) -> None:
        self.batch, self.threads, self.interval = batch, threads, interval
        self.running = True
        self.events_at = self.tidied_at = float("-inf")
        self.job_runner = JobRunner()

    def run(self) -> None:
        """Work until `stop` is called."""
        try:
            while self.running:
                self.run_once()
        finally:
            self.job_runner.stop()

    def run_once(self) -> None:
        sent = 0
        try:
            sent = run_round(self.batch, self.threads)
            self._process_events(time.monotonic())
            self.job_runner.start()
        except (OperationalError, InterfaceError):
            # Once the database is back, everything due is still due.
            log.exception("database_unavailable")
            connection.close()
            time.sleep(RECONNECT_AFTER)
        reset_queries()
        if self.running and not sent:
            time.sleep(self.interval)

    def run_until_idle(self) -> None:
        """Do everything that is due now."""
        self._send_all()
        while events.process_new():
            pass
        self._process_events(time.monotonic())
        self.job_runner.run()
        self._send_all()

    def stop(self, *_signal: Any) -> None:
        """Stop after this round; if called again, exit at once."""
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

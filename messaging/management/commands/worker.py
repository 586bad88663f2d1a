import signal
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog
from django.db import DatabaseError, connection

from messaging.carriers import breaker
from messaging.carriers.not_set_up import not_set_up
from messaging.management.worker import Worker
from messaging.models import CarrierHealth
from smscenter.database import timeouts
from smscenter.management.migrated import DatabaseAwayError, MigratedCommand

log = structlog.get_logger(__name__)


class Command(MigratedCommand):
    help = "Send texts and emails, and process what carriers report. Run as many as you need."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threads", type=int, default=20, help="Concurrent requests to each carrier."
        )
        parser.add_argument(
            "--batch", type=int, default=100, help="How many texts to claim at a time."
        )
        parser.add_argument(
            "--interval", type=float, default=0.2, help="Seconds to wait when no text is due."
        )
        parser.add_argument("--once", action="store_true", help="Do what is due now, then stop.")

    def check_migrations(self) -> None:
        """Skip the check if the database is down, because the worker waits for it."""
        with suppress(DatabaseAwayError):
            super().check_migrations()

    def handle(
        self, *, threads: int, batch: int, interval: float, once: bool, **_options: Any
    ) -> None:
        with suppress(DatabaseError):
            # The new process may have the right credentials.
            breaker.probe_now(CarrierHealth.objects.filter(pause=CarrierHealth.Pause.CREDENTIALS))
            for found in not_set_up():
                log.warning("senders_not_set_up", **asdict(found))
        worker = Worker(batch=batch, threads=threads, interval=interval)
        if once:
            worker.run_until_idle()
            return
        timeouts.limit_idle_transactions()
        connection.close()  # The checks' connection was opened without the time limit.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, worker.stop)
        self.stdout.write(f"Sending with {threads} threads. Stop with Ctrl-C.")
        worker.run()

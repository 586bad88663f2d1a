"""The worker: hands over what is due, and applies what carriers reported."""

import signal
import time
from argparse import ArgumentParser
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, reset_queries, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from messaging.incoming import events
from messaging.outgoing import dispatch, tasks
from search.answering import statistics
from smscenter import timeouts
from smscenter.jobs import JobRunner
from smscenter.management.migrated import DatabaseAwayError, MigratedCommand

log = structlog.get_logger(__name__)

# Seconds between two looks at what needs no nudge: retries, scheduled texts, senders whose rate
# allows more, leases that ran out. Shorter than claiming.BURST, or a sender would miss its rate.
LOOK_EVERY = 0.5
EVENTS_EVERY = 5.0
TIDY_EVERY = 600.0
# How long finished tasks are kept to be looked at. Most are nudges, and say nothing.
KEPT = timedelta(hours=1)
# At a time, so that nobody waits for long.
TIDIED = 5_000


class SendingWorker(Worker):
    """The queue's own worker, which also sweeps: nothing depends on what becomes of a task."""

    def __init__(self, interval: float) -> None:
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=True,  # `run` ends when no task is left, and `work` calls it again
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.looked = self.applied = self.tidied = float("-inf")
        self.job_runner = JobRunner()

    def work(self) -> None:
        """Until a signal comes."""
        try:
            while self.running:
                self.work_once()
        finally:
            self.job_runner.stop()

    def work_once(self) -> None:
        try:
            self.run()
            self.sweep(time.monotonic())
            self.job_runner.start()
        except (OperationalError, InterfaceError):
            # A database that is away comes back, and then everything due is still due.
            log.exception("database_away")
            connection.close()
            time.sleep(1)
        reset_queries()
        if self.running:
            time.sleep(self.interval)

    def run_task(self, db_task_result: DBTaskResult[Any, Any]) -> None:
        """One nudge stands for all that came before it."""
        if db_task_result.task_path == tasks.send_due.module_path:
            drop_nudges()
        super().run_task(db_task_result)

    def sweep(self, now: float) -> None:
        if now - self.looked >= LOOK_EVERY:
            self.looked = now
            if dispatch.send_due(tasks.load.batch, tasks.load.threads):
                tasks.send_due.enqueue()
        if now - self.applied >= EVENTS_EVERY:
            self.applied = now
            events.apply_waiting()
        if now - self.tidied >= TIDY_EVERY:
            self.tidied = now
            events.apply_waiting(noted=True)
            drop_finished()
            statistics.gather_on_sqlite()

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """End after what is being done; at a second signal, at once.

        The queue's own leaves there and then where no task runs, which tears a statement apart.
        """
        self.running_task = True
        super().shutdown(signum, frame)


def drop_nudges() -> None:
    with transaction.atomic():
        rows = DBTaskResult.objects.ready().filter(task_path=tasks.send_due.module_path)
        ids = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:TIDIED]
        DBTaskResult.objects.filter(pk__in=list(ids)).delete()


def drop_finished() -> None:
    """Also tasks that a killed worker left as running: nothing waits for them."""
    old = timezone.now() - KEPT
    finished = DBTaskResult.objects.finished().filter(finished_at__lt=old)
    abandoned = DBTaskResult.objects.running().filter(started_at__lt=old)
    for rows in (finished, abandoned):
        DBTaskResult.objects.filter(
            pk__in=list(rows.values_list("pk", flat=True)[:TIDIED])
        ).delete()


class Command(MigratedCommand):
    help = "Sends texts, and applies what carriers report. Any number of them may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=20, help="Texts sent at the same time.")
        parser.add_argument("--batch", type=int, default=100, help="Texts taken at a time.")
        parser.add_argument(
            "--interval", type=float, default=0.2, help="Seconds between looks at the queue."
        )
        parser.add_argument("--once", action="store_true", help="Do what is due now, then stop.")

    def check_migrations(self) -> None:
        """A database that is away comes back: `work_once` waits for it."""
        with suppress(DatabaseAwayError):
            super().check_migrations()

    def handle(
        self, *, threads: int, batch: int, interval: float, once: bool, **_options: Any
    ) -> None:
        tasks.load.batch, tasks.load.threads = batch, threads
        worker = SendingWorker(interval)
        if once:
            worker.run()
            worker.sweep(time.monotonic())
            worker.job_runner.run()
            worker.run()
            return
        timeouts.limit_idle_transactions()
        connection.close()  # That of the checks has no limit yet.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, worker.shutdown)
        self.stdout.write(f"Sending with {threads} threads. Stop with Ctrl-C.")
        worker.work()

import itertools
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from signal import ITIMER_REAL, SIGALRM, SIGTERM, setitimer, signal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from messaging.management import worker
from messaging.management.worker import Worker
from messaging.models import Attempt, CarrierEvent, CarrierHealth, SmsMessage
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

# The worker closes connections, which would end a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def work(**options: Any) -> None:
    call_command("worker", once=True, interval=0, stdout=StringIO(), **options)


def all_sent() -> bool:
    return not SmsMessage.objects.exclude(status="sent").exists()


def run_until(running: Worker, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        running.turn()


def test_queued_texts_are_sent(queue: Queue, desk: Desk) -> None:
    for _ in range(3):
        queue()
    work()
    assert all_sent()
    assert len(desk.sent) == 3


@pytest.mark.once
def test_a_worker_that_starts_probes_carriers_that_rejected_our_credentials(
    queue: Queue,
) -> None:
    """It may have been restarted with the right ones."""
    now = timezone.now()
    later = now + timedelta(minutes=5)
    CarrierHealth.objects.create(
        carrier="desk", pause="credentials", failures=1, since=now, probe_at=later
    )
    queue()
    queue()
    work()
    assert all_sent()
    assert not CarrierHealth.objects.paused().exists()


@pytest.mark.once
def test_all_batches_are_sent(queue: Queue) -> None:
    for _ in range(5):
        queue()
    work(batch=2, threads=2)
    assert all_sent()


@pytest.mark.once
def test_a_text_needs_no_background_task(queue: Queue) -> None:
    """The worker polls for due attempts, which is as fast and takes a third of the writes."""
    queue()
    work()
    assert all_sent()
    assert not DBTaskResult.objects.exists()


def test_attempts_of_a_dead_worker_are_taken_over(queue: Queue) -> None:
    queue()
    Attempt.objects.update(
        state="sending",
        claims=1,
        lease="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now(),
    )
    work()
    assert all_sent()


def test_an_idle_worker_takes_two_queries_and_then_waits(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.management.worker.EVENTS_EVERY", 0)
    queue()
    running = Worker(interval=0.3)
    run_until(running, all_sent)
    statements: list[str] = []

    def record(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    start = time.monotonic()
    with connection.execute_wrapper(record):
        running.turn()
    running.job_runner.stop()
    assert len(statements) == 2
    assert time.monotonic() - start >= 0.3


def test_unprocessed_callbacks_are_processed(queue: Queue) -> None:
    message = queue()
    worker.run_round()
    CarrierEvent.objects.create(
        carrier="desk",
        kind="status",
        event_id="1",
        carrier_id="D1",
        payload=[["receipt", "delivered"]],
    )
    running = Worker(interval=0)
    running.turn()
    running.job_runner.stop()
    message.refresh_from_db()
    assert message.receipt == "delivered"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL collects statistics itself")
def test_query_planner_statistics_are_collected(queue: Queue) -> None:
    queue()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")

    work()

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        assert ("messaging_smsmessage",) in cursor.fetchall()


class Outage:
    """A database that fails at statements that contain `part`, `times` times."""

    def __init__(self, part: str, times: int = 1) -> None:
        self.part, self.times = part, times

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if self.part in sql and self.times:
            self.times -= 1
            raise OperationalError("the database is down")
        return execute(sql, params, many, context)


@pytest.mark.parametrize(
    "part",
    ["lease_until", '"lease" = ', '"claims" = ', "carrier_id = ", 'UPDATE "messaging_smsm'],
    ids=["looking", "claiming", "beginning", "storing", "after storing"],
)
def test_the_worker_survives_a_database_outage(
    queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A result that can't be stored is stored later, and the text isn't sent again."""
    monkeypatch.setattr(worker, "RECONNECT_AFTER", 0)
    queue()
    running = Worker(interval=0.01)
    outage = Outage(part)
    with connection.execute_wrapper(outage):
        run_until(running, all_sent)
    running.job_runner.stop()
    assert (outage.times, len(desk.sent)) == (0, 1)


def test_a_signal_does_not_interrupt_a_statement(queue: Queue) -> None:
    queue()
    running = Worker(interval=0)

    def stop(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.startswith('UPDATE "messaging_attempt"') and running.running:
            running.stop(SIGTERM, None)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop):
        running.run()
    assert all_sent()

    with pytest.raises(SystemExit):  # at a second signal
        running.stop(SIGTERM, None)


def test_a_signal_near_the_end_of_a_wait_stops_the_worker() -> None:
    """As on a busy machine, where the wait is over before the signal is handled."""
    running = Worker(interval=0.05)
    signals = itertools.count(1)

    def handle_late(*_signal: Any) -> None:
        time.sleep(0.1)
        number = next(signals)
        assert number < 50, "The worker hangs."
        if number == 4:
            running.stop()

    handler = signal(SIGALRM, handle_late)
    setitimer(ITIMER_REAL, 0.2, 0.2)
    try:
        running.run()
    finally:
        setitimer(ITIMER_REAL, 0)
        signal(SIGALRM, handler)

from datetime import timedelta
from io import StringIO
from signal import SIGTERM
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from messaging import worker
from messaging.models import Attempt, CarrierEvent, CarrierHealth, SmsMessage
from messaging.worker import Worker
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

# The worker closes connections, which would end a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def work(**options: Any) -> None:
    call_command("worker", once=True, interval=0, stdout=StringIO(), **options)


def all_sent() -> bool:
    return not SmsMessage.objects.exclude(status="sent").exists()


def test_queued_texts_are_sent(queue: Queue, desk: Desk) -> None:
    for _ in range(3):
        queue()
    work()
    assert all_sent()
    assert len(desk.sent) == 3


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


def test_all_batches_are_sent(queue: Queue) -> None:
    for _ in range(5):
        queue()
    work(batch=2, threads=2)
    assert all_sent()


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


def test_an_idle_round_takes_one_query_and_then_waits(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Worker(interval=7)
    waits: list[float] = []
    monkeypatch.setattr("messaging.worker.time.sleep", waits.append)
    queue()
    running.run_once()
    assert (all_sent(), waits) == (True, [])
    statements: list[str] = []

    def record(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        running.run_once()
    running.job_runner.stop()
    assert (len(statements), waits) == (1, [7])


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
    work()
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


def test_the_worker_survives_a_database_outage(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    running = Worker(interval=0)
    run_round = worker.run_round
    failures = iter([OperationalError("the database is down")])

    def run_round_later(*args: Any) -> int:
        for error in failures:
            raise error
        running.running = False
        return run_round(*args)

    monkeypatch.setattr(worker, "run_round", run_round_later)
    monkeypatch.setattr(worker, "RECONNECT_AFTER", 0)
    running.run()
    assert all_sent()


def test_a_signal_does_not_interrupt_a_statement(queue: Queue) -> None:
    queue()
    running = Worker(interval=0)
    statements: list[str] = []

    def signal(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        statements.append(sql)
        if len(statements) == 2:
            running.stop(SIGTERM, None)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(signal):
        running.run()
    assert all_sent()

    with pytest.raises(SystemExit):  # at a second signal
        running.stop(SIGTERM, None)

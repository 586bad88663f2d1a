from io import StringIO
from signal import SIGTERM
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from messaging import worker
from messaging.models import Attempt, CarrierEvent, SmsMessage
from messaging.worker import Worker
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

# The worker closes connections, and with them a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def work(**options: Any) -> None:
    call_command("worker", once=True, interval=0, stdout=StringIO(), **options)


def all_sent() -> bool:
    return not SmsMessage.objects.exclude(status="sent").exists()


def test_it_sends_what_is_queued(queue: Queue, desk: Desk) -> None:
    for _ in range(3):
        queue()
    work()
    assert all_sent()
    assert len(desk.sent) == 3


def test_batches_follow_each_other(queue: Queue) -> None:
    for _ in range(5):
        queue()
    work(batch=2, threads=2)
    assert all_sent()


def test_a_text_takes_no_task(queue: Queue) -> None:
    """The worker looks at due attempts itself, which is as fast and writes three times less."""
    queue()
    work()
    assert all_sent()
    assert not DBTaskResult.objects.exists()


def test_it_takes_over_from_a_worker_that_died(queue: Queue) -> None:
    queue()
    Attempt.objects.update(
        state="sending",
        claims=1,
        lease="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now(),
    )
    work()
    assert all_sent()


def test_an_idle_round_is_one_query_and_a_text_starts_the_next_round_at_once(
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


def test_it_processes_callbacks_that_nobody_looked_at(queue: Queue) -> None:
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


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL does it by itself")
def test_it_gathers_the_statistics_that_searches_are_planned_by(queue: Queue) -> None:
    queue()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")

    work()

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        assert ("messaging_smsmessage",) in cursor.fetchall()


def test_it_outlives_a_database_that_is_away_for_a_while(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    running = Worker(interval=0)
    run_round = worker.run_round
    failures = iter([OperationalError("the database is away")])

    def run_round_later(*args: Any) -> int:
        for error in failures:
            raise error
        running.running = False
        return run_round(*args)

    monkeypatch.setattr(worker, "run_round", run_round_later)
    monkeypatch.setattr(worker, "RECONNECT_AFTER", 0)
    running.run()
    assert all_sent()


def test_a_signal_tears_no_statement_apart(queue: Queue) -> None:
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

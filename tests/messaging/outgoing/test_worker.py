from datetime import timedelta
from io import StringIO
from signal import SIGTERM
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from messaging.management.commands.worker import SendingWorker, drop_finished
from messaging.models import Attempt, CarrierEvent, SmsMessage
from messaging.outgoing import outbox, tasks
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

# The queue's worker closes connections, and with them a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    call_command("worker", once=True, interval=0, stdout=StringIO())


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
    call_command("worker", once=True, batch=2, threads=2, interval=0, stdout=StringIO())
    assert all_sent()


def test_it_needs_no_task(queue: Queue) -> None:
    queue()
    DBTaskResult.objects.all().delete()
    work()
    assert all_sent()


def test_it_takes_over_from_a_worker_that_died(queue: Queue) -> None:
    queue()
    Attempt.objects.update(
        state="sending",
        claims=1,
        lease="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now(),
    )
    DBTaskResult.objects.update(status="RUNNING")
    work()
    assert all_sent()


def test_one_nudge_stands_for_all_that_came_before(queue: Queue) -> None:
    for _ in range(10):
        queue()
    work()
    assert DBTaskResult.objects.count() == 2  # the batch, and the look whether there is more


def test_it_applies_callbacks_that_nobody_looked_at(queue: Queue) -> None:
    message = queue()
    outbox.send_due()
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


def test_old_tasks_are_dropped() -> None:
    tasks.send_due.enqueue()
    tasks.send_due.enqueue()
    old = timezone.now() - timedelta(days=1)
    first, second = DBTaskResult.objects.all()
    DBTaskResult.objects.filter(pk=first.pk).update(status="SUCCESSFUL", finished_at=old)
    drop_finished()
    assert list(DBTaskResult.objects.all()) == [second]


def test_a_database_that_is_away_does_not_end_it(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    worker = SendingWorker(interval=0)
    answers = iter([OperationalError("the database is away")])

    def run() -> None:
        for error in answers:
            raise error
        worker.running = False

    monkeypatch.setattr(worker, "run", run)
    monkeypatch.setattr("messaging.management.commands.worker.connection.close", lambda: None)
    worker.work()
    assert all_sent()


def test_a_signal_tears_no_statement_apart(queue: Queue) -> None:
    worker = SendingWorker(interval=0)
    statements: list[str] = []

    def signalled(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        statements.append(sql)
        if len(statements) == 2:
            worker.shutdown(SIGTERM, None)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(signalled):
        worker.work()
    assert len(statements) >= 2

    with pytest.raises(SystemExit):  # whoever is in a hurry signals twice
        worker.shutdown(SIGTERM, None)

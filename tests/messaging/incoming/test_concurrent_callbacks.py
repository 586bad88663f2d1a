"""Simultaneous callbacks and clicks."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from leads.models import Lead
from messaging.incoming import events, texts
from messaging.models import Attempt, CarrierEvent, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.logs import Lines
from tests.messaging import calls

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    start = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=60)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.fixture
def attempt(organization: Organization, lead: Lead) -> Attempt:
    return calls.sent(lead, factories.sender(organization))


def test_duplicates_of_one_text_create_one_message(organization: Organization) -> None:
    factories.sender(organization)
    responses = at_once(*[calls.text] * 4)
    calls.process()
    assert [response.status_code for response in responses] == [200] * 4
    assert SmsMessage.objects.count() == CarrierEvent.objects.count() == Lead.objects.count() == 1


def test_simultaneous_texts_of_a_new_number_create_one_lead(organization: Organization) -> None:
    numbers = ["+12125550100", "+12125550101"]
    for number in numbers:
        factories.sender(organization, phone=number)
    texts = [(number, f"SM{n}{number}") for number in numbers for n in range(2)]
    at_once(*[lambda to=to, sid=sid: calls.text(to=to, sid=sid) for to, sid in texts])
    calls.process()
    lead = Lead.objects.get()
    assert (lead.messages.count(), lead.received_sms_count) == (4, 4)


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="it has one writer at a time")
def test_texts_wait_only_for_those_of_the_same_person(organization: Organization) -> None:
    factories.sender(organization)

    def text(sender: str, sid: str) -> None:
        at_once(lambda: calls.text(sender=sender, sid=sid))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            texts.wait_for_texts_of(organization.pk, factories.MOBILE)
            pool.submit(text, "+14155550188", "SM1").result(timeout=30)
            assert Lead.objects.count() == 1
            waiting = pool.submit(text, factories.MOBILE, "SM2")
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        waiting.result(timeout=30)
    assert Lead.objects.count() == 2


def test_contradicting_receipts(attempt: Attempt) -> None:
    at_once(
        lambda: calls.report("delivered"),
        lambda: calls.report("undelivered", "30003"),
        lambda: calls.report("failed"),
        lambda: calls.report("sent"),
    )
    calls.process()
    attempt.message.refresh_from_db()
    assert (attempt.message.status, attempt.message.receipt) == ("error", "failed")
    attempt.message.lead.refresh_from_db()
    assert attempt.message.lead.failed_sms_count == 1
    assert not CarrierEvent.objects.filter(outcome="waiting").exists()


def test_several_workers_process_each_callback_once(
    organization: Organization, rep: User, lines: Lines
) -> None:
    """Receipts of one text are in several groups, and one lead has texts in all of them."""
    leads = [factories.lead(rep) for _ in range(3)]
    number = factories.sender(organization)
    rows = []
    for text in range(60):
        calls.accepted(factories.message(leads[text % 3], sender=number), sid=f"SM{text}")
    for state in ("sent", "delivered", "undelivered"):
        for text in random.Random(state).sample(range(60), 60):
            is_late = state == "undelivered" and text % 4
            payload = [["MessageStatus", "sent" if is_late else state], ["ErrorCode", "30007"]]
            event_id, sid = f"{state} {text}", f"SM{text}"
            fields = {"event_id": event_id, "carrier_id": sid, "payload": payload}
            rows.append(CarrierEvent(carrier="sandbox", kind="status", **fields))
    CarrierEvent.objects.bulk_create(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "GROUP", 10)
        at_once(*[calls.process] * 4)
        calls.process()
    assert not CarrierEvent.objects.filter(outcome="waiting").exists()
    assert SmsMessage.objects.filter(status="error", receipt="failed").count() == 15
    assert SmsMessage.objects.filter(status="sent", receipt="delivered").count() == 45
    assert sum(Lead.objects.values_list("failed_sms_count", flat=True)) == 15
    assert not {"callback_failed", "callback_group_failed"} & {
        line["event"] for line in lines.values
    }


def test_clicks_in_two_tabs_create_one_attempt(attempt: Attempt, rep: User) -> None:
    Attempt.objects.update(state="failed")
    SmsMessage.objects.update(status="error", reason="unknown")
    message = SmsMessage.objects.get()
    attempts = at_once(*[lambda: outbox.resend(message, rep)] * 3)
    assert len(set(attempts)) == 1
    assert Attempt.objects.count() == 2

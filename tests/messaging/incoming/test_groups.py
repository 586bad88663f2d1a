"""The worker processes callbacks in groups, with the same result as one by one."""

from itertools import permutations

import pytest
from django.db import DatabaseError, connection

from leads.models import Lead
from messaging.incoming import events, groups
from messaging.models import Attempt, CarrierEvent, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization
from tests import factories
from tests.logs import Lines
from tests.messaging import calls


@pytest.fixture
def number(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


def texts(lead: Lead, number: SenderNumber, count: int) -> list[Attempt]:
    """Return attempts of texts that the sandbox accepted as SM0, SM1, …"""
    sent = [factories.message(lead, sender=number, receipt="accepted") for _ in range(count)]
    return [calls.accepted(message, sid=f"SM{n}") for n, message in enumerate(sent)]


def store(state: str, code: str = "", *, sid: str = "SM0", payload: object = None) -> CarrierEvent:
    """Store a callback without processing it."""
    fields = [["MessageSid", sid], ["MessageStatus", state], ["ErrorCode", code]]
    return CarrierEvent.objects.create(
        carrier="sandbox",
        kind="status",
        event_id=f"{sid} {state} {CarrierEvent.objects.count()}",
        carrier_id=sid,
        payload=fields if payload is None else payload,
    )


def states() -> list[tuple[str, str, str]]:
    rows = SmsMessage.objects.order_by("id")
    return [(row.status, row.reason, row.receipt) for row in rows]


def outcomes() -> list[str]:
    return list(CarrierEvent.objects.order_by("id").values_list("outcome", flat=True))


@pytest.mark.parametrize("failure", ["", pytest.param("undelivered", marks=pytest.mark.once)])
def test_no_order_within_a_group_matters(lead: Lead, number: SenderNumber, failure: str) -> None:
    words = ["sending", "sent", "delivered", *filter(None, [failure])]
    orders = list(permutations(words))
    texts(lead, number, len(orders))
    for place in range(len(words)):
        for text, order in enumerate(orders):
            word = order[place]
            store(word, "30007" if word == failure else "", sid=f"SM{text}")
    calls.process()
    wanted = ("error", "spam", "failed") if failure else ("sent", "", "delivered")
    assert set(states()) == {wanted}
    assert not CarrierEvent.objects.new().exists()
    lead.refresh_from_db()
    assert lead.failed_sms_count == (len(orders) if failure else 0)


def test_a_group_takes_a_few_queries(
    lead: Lead, number: SenderNumber, django_assert_max_num_queries: object
) -> None:
    attempt = texts(lead, number, 100)[-1]
    for text in range(100):
        store("sent", sid=f"SM{text}")
        event = store("delivered", sid=f"SM{text}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert events.process_new() == 200
    event.refresh_from_db()
    attempt.refresh_from_db()
    assert (event.attempt, event.message, event.note) == (attempt, attempt.message, "")
    assert attempt.receipt == "delivered"
    assert outcomes() == ["ignored", "applied"] * 100
    assert set(states()) == {("sent", "", "delivered")}


def test_a_delivery_of_an_older_attempt_stays_with_it(lead: Lead, number: SenderNumber) -> None:
    [older] = texts(lead, number, 1)
    calls.accepted(older.message, number=2, sid="SM9")
    store("delivered")
    calls.process()
    older.refresh_from_db()
    assert older.receipt == "delivered"
    assert states() == [("sent", "", "accepted")]


def test_a_text_that_is_an_error_stays_one(lead: Lead, number: SenderNumber) -> None:
    texts(lead, number, 1)
    SmsMessage.objects.update(status="error", reason="spam")
    store("delivered")
    calls.process()
    assert states() == [("error", "spam", "accepted")]


def test_a_broken_callback_does_not_block_the_others(lead: Lead, number: SenderNumber) -> None:
    texts(lead, number, 3)
    store("delivered", sid="SM0")
    broken = store("", sid="SM1", payload=[["MessageStatus"]])
    store("undelivered", "30007", sid="SM2")
    calls.process()
    broken.refresh_from_db()
    assert (broken.outcome, "IndexError" in broken.note) == ("waiting", True)
    assert [receipt for _, _, receipt in states()] == ["delivered", "accepted", "failed"]


def test_a_group_that_fails_is_processed_one_by_one(
    lead: Lead, number: SenderNumber, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    def deadlock(*_: object) -> None:
        raise DatabaseError("deadlock detected")

    monkeypatch.setattr(groups, "_close", deadlock)
    monkeypatch.setattr(events, "SECONDS", 60)  # however slow the machine is
    texts(lead, number, 2)
    store("delivered", sid="SM0")
    store("delivered", sid="SM1")
    calls.process()
    assert lines.named("callback_group_failed")["callbacks"] == 2
    assert outcomes() == ["applied", "applied"]
    assert {receipt for _, _, receipt in states()} == {"delivered"}


def test_the_rest_of_a_long_group_is_left_to_the_next_round(
    lead: Lead, number: SenderNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SECONDS", -1)
    texts(lead, number, 3)
    for text in range(3):
        store("undelivered", "30007", sid=f"SM{text}")
    assert events.process_new() == 1
    assert CarrierEvent.objects.new().count() == 2


@pytest.mark.django_db
def test_sqlite_uses_the_indexes() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL infers it")
    by_id = Attempt.objects.with_carrier_ids("sandbox", ["SM1"]).order_by()
    assert "attempt_carrier_id" in by_id.explain()
    assert "carrier_event_new" in CarrierEvent.objects.new().explain()

"""When staff classify a code, the texts that failed with it follow, and it can be undone."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from messaging.carriers import shipped_codes
from messaging.diagnosis import code_map, reclassifying, unclassified
from messaging.models import Attempt, CarrierCode, OptOut, Reclassification, SmsMessage
from messaging.models.reason import Reason, Retry
from smscenter.accounts.models import User
from tests import factories
from tests.messaging import calls

ADMIN = "/admin/messaging/carriercode/"


@pytest.fixture
def agent(db: None) -> User:
    return factories.user(None, "root", is_staff=True, is_superuser=True)


@pytest.fixture
def as_agent(agent: User) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def fail(lead: Lead, code: str = "99999", **fields: Any) -> SmsMessage:
    message = factories.message(lead, **fields)
    calls.accepted(message, sid=f"SM{message.pk}")
    calls.report("failed", code, sid=f"SM{message.pk}")
    return message


def code() -> CarrierCode:
    return code_map.read("twilio", "99999")


def classify(client: Client, reason: Reason, retry: Retry = Retry.PERMANENT) -> str:
    """Save the code's form in the admin, and let the worker update texts."""
    fields = {"title": "", "reason": reason, "retry": retry, "fix": "", "source": ""}
    html = client.post(f"{ADMIN}{code().pk}/change/", fields, follow=True).content.decode()
    reclassifying.update_texts()
    return html


def undo(client: Client) -> str:
    data = {"action": "undo_change", "_selected_action": code().pk}
    html = client.post(ADMIN, data, follow=True).content.decode()
    reclassifying.update_texts()
    return html


def reasons(message: SmsMessage) -> tuple[str, str]:
    """Return the reason of the text and of its last failed attempt."""
    row = SmsMessage.objects.get(pk=message.pk)
    assert row.failed_attempt is not None
    return row.reason, row.failed_attempt.reason


def test_label_page_and_search_follow(as_agent: Client, as_rep: Client, lead: Lead) -> None:
    message, other = fail(lead), fail(lead, "30007")
    assert "Texts that failed with this code will follow" in classify(
        as_agent, Reason.INVALID_NUMBER
    )
    assert reasons(message) == ("invalid_number", "invalid_number")
    assert reasons(other) == ("spam", "spam")
    assert "Number doesn&#x27;t exist" in as_rep.get(message.get_absolute_url()).content.decode()
    found = as_rep.get("/messages/", {"q": "reason:invalid_number"}).content.decode()
    assert message.get_absolute_url() in found


@pytest.mark.once
def test_nothing_is_resent_and_nothing_is_learned(as_agent: Client, lead: Lead) -> None:
    fail(lead)
    classify(as_agent, Reason.OPTED_OUT, Retry.TRANSIENT)
    assert Attempt.objects.count() == 1
    assert not OptOut.objects.exists()


@pytest.mark.once
def test_who_did_it_is_recorded_and_shown(as_agent: Client, agent: User, lead: Lead) -> None:
    fail(lead)
    classify(as_agent, Reason.SPAM)
    [change] = Reclassification.objects.all()
    assert (change.by, change.old_reason, change.new_reason) == (agent, "unknown", "spam")
    assert (change.texts, change.finished is not None) == (1, True)
    html = " ".join(as_agent.get(f"{ADMIN}{code().pk}/change/").content.decode().split())
    assert "root: Unknown reason → Flagged as spam, 1 text updated" in html


@pytest.mark.once
def test_a_correction_is_followed_too(as_agent: Client, lead: Lead) -> None:
    message = fail(lead)
    classify(as_agent, Reason.SPAM)
    classify(as_agent, Reason.FRAUD_BLOCK)
    assert reasons(message) == ("fraud_block", "fraud_block")
    classify(as_agent, Reason.FRAUD_BLOCK)
    assert Reclassification.objects.count() == 2


@pytest.mark.once
class TestUpgrade:
    """A release that classifies or corrects a code does for its texts what staff would do."""

    def ship(self, monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
        row = {"carrier": "twilio", "code": "99999", "title": "New", "fix": "", "source": "docs"}
        shipped = [{**row, "reason": reason, "retry": Retry.PERMANENT}]
        monkeypatch.setattr(shipped_codes, "classified", lambda: shipped)
        code_map.load_shipped()
        reclassifying.update_texts()

    def test_earlier_texts_follow(
        self, as_agent: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = fail(lead)
        self.ship(monkeypatch, Reason.SPAM)
        assert reasons(message) == ("spam", "spam")
        self.ship(monkeypatch, Reason.FRAUD_BLOCK)
        assert reasons(message) == ("fraud_block", "fraud_block")
        self.ship(monkeypatch, Reason.FRAUD_BLOCK)
        assert Reclassification.objects.count() == 2
        html = as_agent.get(f"{ADMIN}{code().pk}/change/").content.decode()
        assert "an upgrade or a deleted user" in html

    def test_an_undone_change_stays_undone(
        self, as_agent: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = fail(lead)
        self.ship(monkeypatch, Reason.SPAM)
        undo(as_agent)
        self.ship(monkeypatch, Reason.SPAM)
        assert reasons(message) == ("unknown", "unknown")


class TestUndo:
    def test_it_restores_the_code_and_its_texts(self, as_agent: Client, lead: Lead) -> None:
        message = fail(lead)
        classify(as_agent, Reason.SPAM, Retry.TRANSIENT)
        assert "is “Unknown reason” again" in undo(as_agent)
        assert reasons(message) == ("unknown", "unknown")
        assert (code().reason, code().retry, code().known) == ("unknown", "permanent", False)

    @pytest.mark.once
    def test_it_works_once(self, as_agent: Client, lead: Lead) -> None:
        fail(lead)
        classify(as_agent, Reason.SPAM)
        undo(as_agent)
        assert "has no change to undo" in undo(as_agent)
        assert Reclassification.objects.count() == 2

    def test_it_waits_for_the_change_to_end(
        self, as_agent: Client, agent: User, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        messages = [fail(lead) for _ in range(3)]
        monkeypatch.setattr(reclassifying, "BATCH", 1)
        monkeypatch.setattr(reclassifying, "SECONDS", -1)
        classify(as_agent, Reason.SPAM)
        reclassifying.undo(code(), agent)
        for _ in range(9):
            reclassifying.update_texts()
        assert [change.texts for change in Reclassification.objects.order_by("pk")] == [3, 3]
        assert {reasons(message) for message in messages} == {("unknown", "unknown")}

    @pytest.mark.once
    def test_support_staff_without_the_permission_cannot(self, lead: Lead) -> None:
        fail(lead)
        client = Client()
        client.force_login(factories.user(None, "guest", is_staff=True))
        assert client.post(ADMIN, {"action": "undo_change"}).status_code == 403


class TestWhichTexts:
    def test_a_text_resent_since_keeps_its_newer_reason(self, as_agent: Client, lead: Lead) -> None:
        message = fail(lead)
        calls.accepted(message, number=2, sid="SM-second")
        calls.report("failed", "30007", sid="SM-second")
        classify(as_agent, Reason.INVALID_NUMBER)
        assert reasons(message) == ("spam", "spam")
        assert message.attempts.get(number=1).reason == "invalid_number"

    @pytest.mark.once
    def test_a_text_that_was_sent_since_stays_sent(self, as_agent: Client, lead: Lead) -> None:
        message = fail(lead)
        SmsMessage.objects.update(status="sent", reason="")
        classify(as_agent, Reason.SPAM)
        message.refresh_from_db()
        assert (message.status, message.reason) == ("sent", "")

    @pytest.mark.once
    def test_the_same_code_of_another_carrier_is_not_theirs(
        self, as_agent: Client, lead: Lead
    ) -> None:
        message = fail(lead)
        Attempt.objects.update(carrier="telnyx")
        classify(as_agent, Reason.SPAM)
        assert reasons(message) == ("unknown", "unknown")

    @pytest.mark.once
    def test_a_country_is_corrected_for_each_text(self, as_agent: Client, lead: Lead) -> None:
        american = fail(lead)
        bahamian = fail(lead, remote_phone="+12425550123")
        classify(as_agent, Reason.UNSUPPORTED_COUNTRY)
        assert reasons(american)[0] == "sender_config"
        assert reasons(bahamian)[0] == "unsupported_country"
        undo(as_agent)
        assert {reasons(american)[0], reasons(bahamian)[0]} == {"unknown"}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL chooses by statistics")
def test_the_texts_of_a_code_are_found_by_index(lead: Lead) -> None:
    fail(lead)
    change = Reclassification(code=code(), old_reason=Reason.UNKNOWN)
    with CaptureQueriesContext(connection) as captured:
        list(reclassifying._attempts(change))
        unclassified.seen([code()])
        unclassified.examples(code())
    queries = [query["sql"] for query in captured if 'FROM "messaging_attempt"' in query["sql"]]
    assert len(queries) == 3
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            assert "attempt_code" in str(cursor.fetchall()), query

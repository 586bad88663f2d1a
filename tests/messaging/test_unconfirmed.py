"""Texts that a carrier may or may not have are seen everywhere, and people decide about them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from search import run
from smscenter.accounts.models import User
from tests import factories
from tests.logs import Lines

PAGE = "/messages/unconfirmed/"


def unconfirmed(lead: Lead, **fields: Any) -> Attempt:
    message = factories.message(lead, status="outbox", **fields)
    return Attempt.objects.create(
        organization=lead.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.UNCERTAIN,
    )


@pytest.fixture
def attempts(lead: Lead) -> list[Attempt]:
    return [unconfirmed(lead, text=f"Hello {n}") for n in range(3)]


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def decide(client: Client, attempts: list[Attempt], sent: str, **more: str) -> str:
    form = {"attempts": [attempt.pk for attempt in attempts], "sent": sent, **more}
    return text_of(client.post(PAGE, form, follow=True))


def states() -> list[str]:
    return [*Attempt.objects.order_by("pk").values_list("state", flat=True)]


@pytest.mark.once
class TestLabel:
    @pytest.mark.parametrize("url", ["/leads/", "/messages/", "/leads/{lead.pk}/"])
    def test_is_in_both_lists_and_on_the_leads_page(
        self, as_rep: Client, lead: Lead, url: str
    ) -> None:
        unconfirmed(lead)
        page = text_of(as_rep.get(url.format(lead=lead)))
        assert "unconfirmed</" in page
        assert 'class="label outbox"' not in page

    @pytest.mark.parametrize("url", ["/leads/", "/messages/"])
    def test_takes_one_query_for_a_whole_list(self, as_rep: Client, rep: User, url: str) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                as_rep.get(url)
            return len(captured)

        unconfirmed(factories.lead(rep, "One"))
        as_rep.get(url)
        before = queries()
        for n in range(5):
            unconfirmed(factories.lead(rep, f"Lead {n}"))
        assert queries() == before

    def test_is_not_on_a_lead_whose_last_text_is_confirmed(
        self, as_rep: Client, lead: Lead
    ) -> None:
        unconfirmed(lead)
        factories.message(lead)
        assert "unconfirmed</" not in text_of(as_rep.get("/leads/"))

    def test_is_on_the_texts_own_page_with_the_decision(self, as_rep: Client, lead: Lead) -> None:
        attempt = unconfirmed(lead)
        page = text_of(as_rep.get(f"/messages/{attempt.message.pk}/"))
        assert "unconfirmed</span>" in page
        assert f'action="/attempts/{attempt.pk}/settle/"' in page
        assert "hx-post" not in page


class TestSearch:
    def test_finds_leads_and_texts(self, rep: User, stranger: User, lead: Lead) -> None:
        attempt = unconfirmed(lead)
        factories.message(factories.lead(rep, "Sent"))
        unconfirmed(factories.lead(stranger))
        assert list(run("lead", "has:unconfirmed_sms", rep).rows) == [lead]
        assert list(run("message", "has:unconfirmed", rep).rows) == [attempt.message]
        assert list(run("lead", "sms(has:unconfirmed)", rep).rows) == [lead]
        assert list(run("message", "not has:unconfirmed status:outbox", rep).rows) == []

    def test_says_what_it_finds(self, rep: User) -> None:
        lead_words = run("lead", "has:unconfirmed_sms", rep).interpretation
        text_words = run("message", "has:unconfirmed", rep).interpretation
        assert str(lead_words) == "Leads with an unconfirmed SMS"
        assert str(text_words) == "SMS with no confirmation from the carrier"


class TestDecisions:
    @pytest.mark.once
    def test_the_message_list_links_to_the_page(
        self, as_rep: Client, attempts: list[Attempt]
    ) -> None:
        assert f'href="{PAGE}"' in text_of(as_rep.get("/messages/"))
        page = text_of(as_rep.get(PAGE))
        for attempt in attempts:
            assert attempt.message.text in page
            assert f'name="attempts" value="{attempt.pk}"' in page

    @pytest.mark.once
    def test_without_unconfirmed_texts_there_is_no_link(self, as_rep: Client) -> None:
        assert PAGE not in text_of(as_rep.get("/messages/"))
        assert "No unconfirmed texts" in text_of(as_rep.get(PAGE))

    @pytest.mark.parametrize(
        ("sent", "status", "words"), [("yes", "sent", "sent"), ("no", "error", "not sent")]
    )
    def test_are_recorded_for_the_selected_texts_after_confirmation(
        self,
        as_rep: Client,
        attempts: list[Attempt],
        lines: Lines,
        rep: User,
        sent: str,
        status: str,
        words: str,
    ) -> None:
        question = decide(as_rep, attempts[:2], sent)
        assert f"Mark 2 texts as {words}?" in question
        assert states() == ["uncertain"] * 3

        answer = decide(as_rep, attempts[:2], sent, confirmed="yes")

        assert f"Marked 2 texts as {words}." in answer
        statuses = SmsMessage.objects.order_by("pk").values_list("status", flat=True)
        assert [*statuses] == [status, status, "outbox"]
        assert states()[2] == "uncertain"
        logged = [line for line in lines.values if line["event"] == "attempt_settled"]
        assert [line["user"] for line in logged] == [rep.pk, rep.pk]

    @pytest.mark.once
    def test_change_nothing_that_was_decided_meanwhile(
        self, as_rep: Client, attempts: list[Attempt]
    ) -> None:
        Attempt.objects.filter(pk=attempts[0].pk).update(state="failed")
        answer = decide(as_rep, attempts[:2], "yes", confirmed="yes")
        assert "Marked 1 text as sent." in answer
        assert "1 text has already been decided, so nothing changed." in answer
        assert states() == ["failed", "accepted", "uncertain"]

    @pytest.mark.once
    def test_of_a_stranger_change_nothing(
        self, as_stranger: Client, attempts: list[Attempt]
    ) -> None:
        for more in ({}, {"confirmed": "yes"}):
            page = decide(as_stranger, attempts, "yes", **more)
            assert "Select at least one unconfirmed text." in page
            assert "Hello" not in page
        assert states() == ["uncertain"] * 3

    @pytest.mark.once
    @pytest.mark.parametrize("given", ["", "x", "-1", "9" * 40, "²"])
    def test_without_valid_texts_change_nothing(
        self, as_rep: Client, attempts: list[Attempt], given: str
    ) -> None:
        form = {"attempts": given, "sent": "yes", "confirmed": "yes"}
        assert "Select at least one" in text_of(as_rep.post(PAGE, form, follow=True))
        assert states() == ["uncertain"] * len(attempts)

    def test_are_paged(self, as_rep: Client, lead: Lead, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("messaging.views.unconfirmed.PAGE", 2)
        shown = [unconfirmed(lead, text=f"Text {n}") for n in range(3)]
        first = as_rep.get(PAGE)
        second = as_rep.get(PAGE, {"after": first.context["page"].after})
        rows = [*first.context["page"].rows, *second.context["page"].rows]
        assert rows == shown[::-1]
        assert as_rep.get(PAGE, {"after": "x"}).status_code == 302

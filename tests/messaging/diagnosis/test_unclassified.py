"""Codes that no one has classified reach staff: in the admin, by email, and as a number."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.diagnosis import code_map, unclassified
from messaging.models import Attempt, CarrierCode
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging import calls

CODES = "/admin/messaging/carriercode/"


@pytest.fixture
def agent(db: None) -> User:
    """Return someone of the support group."""
    user = factories.user(None, "sam", is_staff=True, email="sam@support.example")
    user.groups.add(factories.support_group())
    return user


@pytest.fixture
def as_agent(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def failed(lead: Lead) -> list[Attempt]:
    """Return the attempts of two texts that failed with a new code, a day apart."""
    attempts = []
    for number, words in enumerate(["Gremlins in the tower", "More <gremlins>"]):
        message = factories.message(lead)
        attempts.append(calls.accepted(message, sid=f"SM{number}"))
        calls.report("failed", "99999", words=words, sid=f"SM{number}")
    Attempt.objects.filter(pk=attempts[0].pk).update(created=timezone.now() - timedelta(days=1))
    return attempts


def code() -> CarrierCode:
    return CarrierCode.objects.get(carrier="twilio", code="99999")


class TestQueue:
    def test_the_list_counts_texts_with_first_and_last_seen(
        self, as_agent: Client, failed: list[Attempt]
    ) -> None:
        html = html_of(as_agent.get(CODES, {"unread": "yes"}))
        assert len(failed) == 2
        assert '<td class="field-texts">2</td>' in html
        assert '<td class="field-first_seen">Yesterday, ' in html
        assert '<td class="field-last_seen">Today, ' in html

    def test_the_page_has_examples_with_organization_text_and_words(
        self, as_agent: Client, failed: list[Attempt]
    ) -> None:
        html = html_of(as_agent.get(f"{CODES}{code().pk}/change/"))
        assert "<q>Gremlins in the tower</q>" in html
        assert "<q>More &lt;gremlins&gt;</q>" in html
        assert f"Acme, text {failed[0].message_id}, Sandbox" in html

    def test_others_codes_and_carriers_do_not_count(self, failed: list[Attempt]) -> None:
        other = code_map.read("telnyx", "99999")
        assert unclassified.seen([other])[other.pk].texts == 0
        assert unclassified.examples(other) == []
        assert unclassified.seen([code()])[code().pk].texts == len(failed)


def test_a_hostile_code_is_counted_as_it_is_listed(lead: Lead) -> None:
    attempt = calls.accepted(factories.message(lead))
    assert calls.report("failed", "x" * 100).status_code == 200
    attempt.refresh_from_db()
    row = CarrierCode.objects.get(known=False)
    assert attempt.code == row.code == "x" * 60
    assert unclassified.seen([row])[row.pk].texts == 1


@pytest.mark.once
def test_the_review_queue_says_how_many_there_are(as_agent: Client, failed: list[Attempt]) -> None:
    html = html_of(as_agent.get("/review/"))
    assert f'<a href="{CODES}?unread=yes">1 unclassified carrier code</a>' in html
    CarrierCode.objects.update(known=True)
    assert "classified" not in html_of(as_agent.get("/review/"))


@pytest.mark.once
@pytest.mark.usefixtures("agent", "failed")
class TestDailyEmail:
    def test_staff_get_one_a_day_until_all_codes_are_classified(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PUBLIC_URL = "https://sms.example"
        factories.user(None, "root", is_staff=True, is_superuser=True, email="root@x.example")
        now = timezone.now()
        for hours, sent in [(0, 1), (1, 1), (23, 1), (25, 2), (26, 2)]:
            monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=hours))  # noqa: B023
            unclassified.remind()
            assert len(mail.outbox) == sent, hours
        first = mail.outbox[0]
        assert first.subject == "Unclassified carrier codes: 1"
        assert first.to == ["root@x.example", "sam@support.example"]
        assert "twilio 99999: 2 texts, last on " in first.body
        assert f"https://sms.example{CODES}?unread=yes" in first.body
        CarrierCode.objects.update(known=True)
        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=3))
        assert not unclassified.remind()

    def test_without_staff_the_support_address_gets_it(self, settings: Settings) -> None:
        User.objects.update(email="")
        assert not unclassified.remind()
        settings.SUPPORT_EMAIL = "help@acme.example"
        assert unclassified.remind()
        assert mail.outbox[0].to == ["help@acme.example"]

    def test_a_mail_server_that_is_down_gets_it_later(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any) -> int:
            raise ConnectionRefusedError

        with monkeypatch.context() as broken:
            broken.setattr(EmailBackend, "send_messages", refuse)
            assert not unclassified.remind()
        assert unclassified.remind()
        assert len(mail.outbox) == 1

    def test_of_two_workers_one_sends_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        recipients = unclassified._recipients

        def meanwhile() -> list[str]:
            monkeypatch.setattr(unclassified, "_recipients", recipients)
            assert unclassified.remind()
            return recipients()

        monkeypatch.setattr(unclassified, "_recipients", meanwhile)
        assert not unclassified.remind()
        assert len(mail.outbox) == 1

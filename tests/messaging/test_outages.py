"""People see that a carrier doesn't respond, and staff are emailed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from messaging.carriers import outages
from messaging.models import Attempt, CarrierHealth, SmsMessage
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 27, 18, 42, tzinfo=UTC)  # 10:42 AM in Los Angeles


def paused(**fields: Any) -> CarrierHealth:
    defaults = {
        "carrier": "sandbox",
        "pause": "outage",
        "since": SINCE,
        "failures": 5,
        "probe_at": NOW + timedelta(minutes=1),
    }
    return CarrierHealth.objects.create(**defaults | fields)


def waiting(lead: Lead, **fields: Any) -> SmsMessage:
    message = factories.message(lead, status="outbox")
    defaults: dict[str, Any] = {"carrier": "sandbox", "due": NOW - timedelta(minutes=5)}
    Attempt.objects.create(message=message, organization=lead.organization, **defaults | fields)
    return message


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def page(as_rep: Client, rep: User, lead: Lead) -> Callable[..., str]:
    """Return a page as the rep in Los Angeles sees it."""
    User.objects.filter(pk=rep.pk).update(time_zone="America/Los_Angeles")
    factories.contact(lead)
    factories.sender(lead.organization)

    def page(url: str = "/messages/") -> str:
        cache.clear()
        return as_rep.get(url).content.decode().replace("&#x27;", "'")

    return page


@pytest.mark.once
class TestPages:
    def test_say_since_when_and_how_many_texts_wait(
        self, page: Callable[..., str], lead: Lead
    ) -> None:
        paused()
        for _ in range(3):
            waiting(lead)
        waiting(lead, due=NOW + timedelta(hours=3))
        for url in (f"/leads/{lead.pk}/", "/messages/"):
            assert "Sandbox hasn't responded since 10:42 AM; 3 texts waiting." in page(url)

    @pytest.mark.parametrize(
        ("since", "words"),
        [
            (SINCE - timedelta(days=1), "yesterday at 10:42 AM"),
            (SINCE - timedelta(days=4), "Nov 23 at 10:42 AM"),
            (SINCE - timedelta(days=365), "Nov 27, 2025 at 10:42 AM"),
        ],
    )
    def test_say_the_date_if_it_is_not_today(
        self, page: Callable[..., str], since: datetime, words: str
    ) -> None:
        paused(since=since)
        assert f"Sandbox hasn't responded since {words}." in page()

    def test_count_only_texts_of_the_readers_organization(
        self, page: Callable[..., str], lead: Lead, stranger: User
    ) -> None:
        paused()
        waiting(lead)
        other = factories.lead(stranger)
        for _ in range(3):
            waiting(other)
        assert "10:42 AM; 1 text waiting." in page()

    def test_say_that_credentials_are_rejected(self, page: Callable[..., str], lead: Lead) -> None:
        paused(pause="credentials")
        waiting(lead)
        shown = page()
        assert "Sandbox has rejected our credentials since 10:42 AM; 1 text waiting." in shown
        assert "An administrator has to update them." in shown

    @pytest.mark.parametrize("fields", [{"pause": ""}, {"carrier": "twilio"}])
    def test_say_nothing_about_other_carriers(
        self, page: Callable[..., str], fields: dict[str, str]
    ) -> None:
        paused(**fields)
        assert "responded since" not in page()

    @pytest.mark.parametrize("url", ["/leads/", "/messages/"])
    def test_show_in_lists_which_texts_wait(self, as_rep: Client, rep: User, url: str) -> None:
        paused()
        for name in ("One", "Two"):
            waiting(factories.lead(rep, name))
        waiting(factories.lead(rep, "Three"), carrier="twilio")
        page = as_rep.get(url).content.decode()
        assert page.count("waiting</span>") == 2
        assert page.count("</svg>sending</span>") == 1

    def test_show_which_text_waits(self, page: Callable[..., str], lead: Lead) -> None:
        paused()
        waiting(lead)
        assert "waiting</span>" in page(lead.get_absolute_url())
        CarrierHealth.objects.all().delete()
        assert "sending</span>" in page(lead.get_absolute_url())


@pytest.mark.once
class TestCanceling:
    @pytest.fixture(autouse=True)
    def _outage(self) -> None:
        cache.clear()
        paused()

    @pytest.mark.parametrize("page", ["lead", "text"])
    def test_a_waiting_text_can_be_canceled(self, as_rep: Client, lead: Lead, page: str) -> None:
        message = waiting(lead)
        url = f"/messages/{message.pk}/unschedule/"
        here = f"/leads/{lead.pk}/" if page == "lead" else f"/messages/{message.pk}/"
        assert f'action="{url}"' in as_rep.get(here).content.decode()
        html = as_rep.post(url, follow=True).content.decode()
        assert "Text canceled." in html
        assert not SmsMessage.objects.exists()
        # A second click finds nothing, and isn't an error of the server.
        assert as_rep.post(url).status_code == 404

    def test_a_waiting_retry_can_be_canceled(self, as_rep: Client, lead: Lead) -> None:
        message = waiting(lead, state="failed", reason="unreachable")
        Attempt.objects.create(
            organization=lead.organization, message=message, number=2, carrier="sandbox", due=NOW
        )
        url = f"/messages/{message.pk}/cancel/"
        assert f'action="{url}"' in as_rep.get(f"/leads/{lead.pk}/").content.decode()
        as_rep.post(url)
        message.refresh_from_db()
        assert (message.status, message.reason) == ("error", "unreachable")
        assert message.attempts.get().number == 1

    def test_a_text_that_the_carrier_may_have_cannot_be_canceled(
        self, as_rep: Client, lead: Lead
    ) -> None:
        message = waiting(lead, started=NOW - timedelta(minutes=4))
        url = f"/messages/{message.pk}/unschedule/"
        assert url not in as_rep.get(f"/leads/{lead.pk}/").content.decode()
        html = as_rep.post(url, follow=True).content.decode().replace("&#x27;", "'")
        assert "It's too late to change this text" in html
        assert SmsMessage.objects.exists()

    def test_a_colleague_of_another_organization_cannot_cancel_it(
        self, as_stranger: Client, lead: Lead
    ) -> None:
        message = waiting(lead)
        assert as_stranger.post(f"/messages/{message.pk}/unschedule/").status_code == 404
        assert SmsMessage.objects.exists()


class TestMail:
    @pytest.fixture(autouse=True)
    def staff(self, supporter: User, rep: User) -> None:  # noqa: ARG002 - receives the mails
        User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
        factories.user(None, "nomail", is_staff=True)

    def test_staff_get_one_mail_at_the_start_and_one_at_the_end(self, lead: Lead) -> None:
        health = paused(status=503, words="Service unavailable")
        waiting(lead)
        for _ in range(3):
            outages.notify_staff()
        [start] = mail.outbox
        assert start.subject == "Sandbox isn't responding"
        assert start.bcc == ["sven@support.example"]
        assert "Sandbox hasn't responded since 6:42 PM UTC; 1 text waiting." in start.body
        assert "HTTP 503 Service unavailable" in start.body

        rows = CarrierHealth.objects.filter(pk=health.pk)
        rows.update(pause="", since=None, resumed=NOW - timedelta(minutes=10))
        for _ in range(3):
            outages.notify_staff()
        [_, end] = mail.outbox
        assert end.subject == "Sandbox is responding again"
        assert "since 7:50 PM UTC" in end.body

    def test_a_carrier_that_flickers_is_one_outage(self) -> None:
        health = paused()
        outages.notify_staff()
        rows = CarrierHealth.objects.filter(pk=health.pk)
        for _ in range(3):
            rows.update(pause="", resumed=NOW - timedelta(seconds=30))
            outages.notify_staff()
            rows.update(pause="outage")
            outages.notify_staff()
        assert len(mail.outbox) == 1

    def test_a_mail_that_could_not_be_sent_is_sent_later(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_outage: outages.Outage) -> None:
            raise SMTPException

        paused()
        with monkeypatch.context() as patch:
            patch.setattr(outages, "_send", fail)
            with pytest.raises(SMTPException):
                outages.notify_staff()
        outages.notify_staff()
        assert len(mail.outbox) == 1

    def test_rejected_credentials_need_action(self) -> None:
        paused(pause="credentials", status=401, words="Authenticate")
        outages.notify_staff()
        [letter] = mail.outbox
        assert letter.subject == "Action needed: Sandbox rejects our credentials"
        assert "restart the workers" in letter.body


@pytest.mark.once
class TestAdmin:
    def test_try_now_lets_the_next_worker_probe(self, client: Client) -> None:
        client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
        health = paused(pause="credentials", probe_at=NOW + timedelta(minutes=5), probes=4)
        action = {"action": "try_now", "_selected_action": health.pk}
        client.post("/admin/messaging/carrierhealth/", action)
        health.refresh_from_db()
        assert (health.probe_at, health.probes) == (NOW, 0)

    def test_other_staff_cannot_try(self, client: Client) -> None:
        clerk = factories.user(None, "clara", is_staff=True)
        client.force_login(clerk)
        health = paused()
        action = {"action": "try_now", "_selected_action": health.pk}
        client.post("/admin/messaging/carrierhealth/", action)
        health.refresh_from_db()
        assert health.probe_at != NOW

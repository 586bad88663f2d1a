"""A sender number names its carrier's account, and its texts are sent from there."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Contact, Lead
from messaging import carriers
from messaging.management import worker
from messaging.management.worker import Worker
from messaging.models import Attempt, SenderNumber
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of
from tests.logs import Lines
from tests.messaging.composing.forms import form, post
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _accounts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "account_names", lambda _: ["canada"])


def test_a_text_is_sent_from_the_account_of_its_sender_number(
    queue: Queue, sender: SenderNumber, desk: Desk
) -> None:
    SenderNumber.objects.update(account="canada")
    sender.refresh_from_db()
    message = queue()
    # What's queued stays there: a lookup has to ask the account that got the text.
    SenderNumber.objects.update(account="")
    worker.run_round()
    assert [sms.account for sms in desk.sent] == ["canada"]
    assert only_attempt(message).state == "accepted"


def test_a_retry_stays_with_the_account(queue: Queue, sender: SenderNumber, desk: Desk) -> None:
    SenderNumber.objects.update(account="canada")
    sender.refresh_from_db()
    desk.responses[factories.MOBILE] = carriers.CarrierError("Busy")
    message = queue()
    worker.run_round()
    assert [attempt.account for attempt in message.attempts.all()] == ["canada", "canada"]


def test_an_account_that_is_not_set_up_is_a_configuration_error(
    queue: Queue, sender: SenderNumber, desk: Desk
) -> None:
    sender.account = "mexico"
    attempt = only_attempt(queue())
    worker.run_round()
    attempt.refresh_from_db()
    assert (attempt.reason, desk.sent) == ("sender_config", [])
    assert attempt.carrier_words == "The carrier desk mexico isn't set up."


def test_a_resent_text_leaves_from_the_numbers_new_account(
    rep: User, lead: Lead, queue: Queue, sender: SenderNumber, desk: Desk
) -> None:
    desk.responses[factories.MOBILE] = carriers.CarrierError("Wrong account", permanent=True)
    message = queue()
    worker.run_round()
    desk.responses.clear()
    SenderNumber.objects.update(account="canada")
    message.refresh_from_db()
    outbox.resend(message, rep)
    worker.run_round()
    assert [sms.account for sms in desk.sent] == ["", "canada"]
    assert Attempt.objects.filter(state="accepted", account="canada").exists()


class TestAdmin:
    @pytest.fixture
    def admin(self, client: Client) -> Client:
        client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
        return client

    def save(self, admin: Client, sender: SenderNumber, **fields: str) -> str:
        url = reverse("admin:messaging_sendernumber_change", args=[sender.pk])
        values = {
            "organization": str(sender.organization_id),
            "phone": sender.phone,
            "carrier": "desk",
            "rate": "10",
            "active": "on",
            "brand_status": "not_submitted",
            "campaign_status": "not_submitted",
            "verification_status": "not_submitted",
        }
        response = admin.post(url, values | fields)
        sender.refresh_from_db()
        return "" if response.status_code == 302 else response.content.decode()

    def test_configured_accounts_are_offered(
        self, admin: Client, organization: Organization
    ) -> None:
        sender = factories.sender(organization, carrier="desk")
        assert self.save(admin, sender, account="canada") == ""
        assert sender.account == "canada"
        assert "Choose an account from the list." in self.save(admin, sender, account="mexico")

    def test_an_account_of_another_carrier_is_refused(
        self, admin: Client, organization: Organization
    ) -> None:
        sender = factories.sender(organization, carrier="desk")
        page = self.save(admin, sender, carrier="sandbox", account="canada")
        assert "Sandbox has no account named canada." in page

    def test_a_number_of_an_account_that_is_gone_can_be_retired(
        self, admin: Client, organization: Organization
    ) -> None:
        sender = factories.sender(organization, carrier="desk", account="mexico")
        assert self.save(admin, sender, account="mexico", active="") == ""
        assert (sender.account, sender.active) == ("mexico", False)


def test_a_text_names_the_messaging_service_of_its_sender_number(
    queue: Queue, sender: SenderNumber, desk: Desk
) -> None:
    SenderNumber.objects.update(messaging_service="MG1")
    queue()
    worker.run_round()
    assert [sms.service for sms in desk.sent] == ["MG1"]


def test_an_accounts_messaging_service_moves_to_its_numbers(
    sender: SenderNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts had the service before."""
    monkeypatch.setenv("TWILIO_MESSAGING_SERVICE_SID", "MG1")
    monkeypatch.setenv("TWILIO_ACCOUNTS", "canada")
    monkeypatch.setenv("TWILIO_CANADA_MESSAGING_SERVICE_SID", "MG2")
    numbers = [
        {"carrier": "twilio"},
        {"carrier": "twilio", "account": "canada"},
        {"carrier": "twilio", "account": "canada", "messaging_service": "MG3"},
        {"carrier": "twilio", "account": "mexico"},
    ]
    for position, fields in enumerate(numbers):
        factories.sender(sender.organization, phone=f"+1212555019{position}", **fields)
    (path,) = (settings.BASE_DIR / "messaging" / "migrations").glob("*_messaging_services.py")
    import_module(f"messaging.migrations.{path.stem}").move_from_accounts(apps, None)
    services = SenderNumber.objects.order_by("id").values_list("messaging_service", flat=True)
    assert list(services) == ["", "MG1", "MG2", "MG3", ""]


class TestARemovedAccount:
    WORDS = "1 sender number can't send texts: the Desk account mexico isn't set up."

    @pytest.fixture(autouse=True)
    def _removed(self, sender: SenderNumber) -> None:
        SenderNumber.objects.update(account="mexico")
        sender.refresh_from_db()

    def test_administrators_are_told(self, client: Client) -> None:
        (warning,) = checks.run_checks(tags=["database"], databases=["default"])
        assert (warning.id, warning.msg) == ("messaging.W012", self.WORDS)
        assert client.get("/readyz").json()["senders_not_set_up"] == 1
        client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
        html = html_of(client.get(reverse("admin:messaging_sendernumber_changelist")))
        assert self.WORDS.replace("'", "&#x27;") in html
        assert "mexico (not set up)" in html
        SenderNumber.objects.update(active=False)
        assert checks.run_checks(tags=["database"], databases=["default"]) == []

    def test_the_worker_logs_it_when_it_starts(
        self, lines: Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Worker, "run_until_idle", lambda _: None)
        call_command("worker", "--once")
        line = lines.named("senders_not_set_up")
        assert (line["carrier"], line["account"], line["numbers"]) == ("desk", "mexico", 1)

    def test_members_see_it_and_cannot_send(
        self, as_rep: Client, lead: Lead, contact: Contact, sender: SenderNumber
    ) -> None:
        data = form(contact.phones.get(), sender)
        response = post(as_rep, lead, "new", data)
        assert response.status_code == 422
        assert "because its carrier isn&#x27;t set up." in html_of(response)
        assert "Can't send" in html_of(as_rep.get("/senders/"))
        assert "because its carrier isn't set up" in html_of(as_rep.get(f"/senders/{sender.pk}/"))

    def test_a_text_that_may_have_arrived_waits_for_a_person(self, queue: Queue) -> None:
        attempt = only_attempt(queue())
        Attempt.objects.update(started=timezone.now() - timedelta(hours=1))
        worker.run_round()
        attempt.refresh_from_db()
        assert attempt.state == "uncertain"
        assert attempt.carrier_words == "The carrier desk mexico isn't set up."

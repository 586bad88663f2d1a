"""During quiet hours an organization warns, holds texts until morning, or refuses them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Contact, ContactPhone, Lead
from messaging.carriers import CarrierError
from messaging.management import worker
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import Organization
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import HTMX, form, post
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

pytestmark = pytest.mark.once

NIGHT = datetime(2026, 11, 28, 7, 17, tzinfo=UTC)  # 11:17 PM in San Francisco
MORNING = datetime(2026, 11, 28, 16, tzinfo=UTC)  # 8 AM there


@pytest.fixture
def phone(contact: Contact) -> ContactPhone:
    return contact.phones.get()


@pytest.fixture
def sender(organization: Organization, desk: Desk) -> SenderNumber:
    return factories.sender(organization, carrier=desk.key, rate=100)


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch, organization: Organization) -> None:
    assert organization.quiet_hours == "warn"
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)


def set_rule(lead: Lead, rule: str) -> None:
    Organization.objects.filter(pk=lead.organization_id).update(quiet_hours=rule)


@pytest.fixture
def failed(lead: Lead, sender: SenderNumber) -> SmsMessage:
    return factories.message(lead, sender=sender, status="error", reason="unreachable")


def resend(client: Client, message: SmsMessage) -> str:
    return html_of(client.post(f"/messages/{message.pk}/again/", headers=HTMX))


def test_a_warning_by_default(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, failed: SmsMessage
) -> None:
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 200
    assert SmsMessage.objects.latest("id").status == "outbox"
    clock = "It's 11:17 PM where the recipient is.</p>"
    assert clock in html_of(as_rep.get(failed.get_absolute_url()))
    resend(as_rep, failed)
    assert failed.attempts.get().due == NIGHT


def test_texts_are_held_until_morning(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, failed: SmsMessage
) -> None:
    set_rule(lead, "hold")
    sentence = "holds this text: it sends Sat, Nov 28 at 8:00 AM their time (11:00 AM yours)"
    assert sentence in html_of(post(as_rep, lead, "check", form(phone, sender)))
    assert post(as_rep, lead, "new", form(phone, sender)).status_code == 200
    message = SmsMessage.objects.latest("id")
    assert (message.status, message.scheduled) == ("scheduled", MORNING)
    assert message.attempts.get().due == MORNING
    for _ in range(2):  # "Retry now" doesn't get around the rule either.
        assert sentence in resend(as_rep, failed)
        assert failed.attempts.get().due == MORNING
    as_rep.post(f"/messages/{message.pk}/send-now/")
    message.refresh_from_db()
    assert (message.status, message.scheduled) == ("scheduled", MORNING)


def test_texts_scheduled_for_the_night_are_held(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
) -> None:
    set_rule(lead, "hold")
    post(as_rep, lead, "new", form(phone, sender, send_at="2026-11-28T22:30"))
    assert SmsMessage.objects.get().scheduled == MORNING + timedelta(days=1)
    post(as_rep, lead, "new", form(phone, sender, send_at="2026-11-28T20:30", again="on"))
    evening = MORNING + timedelta(hours=12, minutes=30)
    assert SmsMessage.objects.latest("id").scheduled == evening


def test_texts_are_refused(
    as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber, failed: SmsMessage
) -> None:
    set_rule(lead, "refuse")
    response = post(as_rep, lead, "new", form(phone, sender))
    assert response.status_code == 422
    assert "Your organization sends texts only 8 AM–9 PM their time." in html_of(response)
    assert "Send at 8:00 AM their time" in html_of(response)
    assert "Your organization sends texts only" in resend(as_rep, failed)
    assert not failed.attempts.exists()
    data = form(phone, sender, offer="2026-11-28T08:00")
    assert post(as_rep, lead, "new", data).status_code == 200
    assert SmsMessage.objects.latest("id").scheduled == MORNING


@pytest.mark.parametrize(("rule", "waits"), [("warn", False), ("hold", True), ("refuse", True)])
def test_automatic_retries_wait_for_the_morning(
    lead: Lead, queue: Queue, desk: Desk, rule: str, waits: bool
) -> None:
    set_rule(lead, rule)
    desk.responses[factories.MOBILE] = CarrierError("Busy", code="30001", permanent=False)
    message = queue()
    worker.run_round()
    retry = message.attempts.get(number=2)
    assert (retry.due == MORNING) is waits
    assert retry.due > NIGHT

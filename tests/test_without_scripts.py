"""The main flows work with plain links and forms."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead, Note
from messaging.models import Attempt, MessageTemplate, SmsMessage, Thread
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from tests import factories
from tests.forms import Browser
from tests.support.conftest import DETAILS

pytestmark = pytest.mark.once


@pytest.fixture
def lead(rep: User) -> Lead:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    MessageTemplate.objects.create(
        organization=lead.organization, name="Follow-up", text="Hello from a template"
    )
    return lead


@pytest.fixture
def failed(lead: Lead, rep: User) -> SmsMessage:
    own = {"sender": factories.sender(lead.organization), "contact": lead.contacts.get()}
    text = factories.message(
        lead, status="error", reason="not_sms_capable", text="Good morning", user=rep, **own
    )
    Attempt.objects.create(
        organization=lead.organization, message=text, carrier="sandbox", state="failed"
    )
    return text


@pytest.fixture
def browser(rep: User, failed: SmsMessage) -> Browser:
    """Sign in with the form, search, and open the lead."""
    browser = Browser(Client(enforce_csrf_checks=True))
    browser.open("/leads/")
    browser.press("Sign in", username=rep.username, password=factories.PASSWORD)
    assert browser.url == "/leads/"
    browser.enter(q="failed_sms > 0 bluebird")
    browser.follow("Bluebird Bakery")
    assert browser.url == failed.lead.get_absolute_url()
    return browser


def test_texts_are_sent_scheduled_and_canceled(browser: Browser, settings: Settings) -> None:
    settings.SEND_UNDO_SECONDS = 60
    browser.press("Insert", template=str(MessageTemplate.objects.get().pk))
    assert "Hello from a template" in browser.text
    browser.press("Send")
    assert SmsMessage.objects.filter(status="outbox").get().text == "Hello from a template"
    browser.press("Undo")
    assert not SmsMessage.objects.filter(status="outbox").exists()
    due = timezone.now() + timedelta(days=9)
    browser.press("Schedule text", text="Later", send_at=f"{due:%Y-%m-%dT10:00}")
    assert SmsMessage.objects.get(status="scheduled").text == "Later"
    browser.follow("Edit the scheduled text")
    browser.press("Save", text="Even later")
    browser.press("Cancel", "unschedule")
    assert not SmsMessage.objects.filter(status="scheduled").exists()
    browser.press("Undo")
    assert SmsMessage.objects.get(status="scheduled").text == "Even later"


def test_a_reply_is_answered_in_the_inbox(browser: Browser, lead: Lead) -> None:
    factories.message(lead, direction="incoming", status="inbox", text="How much?")
    thread = Thread.objects.get(lead=lead).get_absolute_url()
    browser.open(thread)
    browser.press("Send", text="It's $900")
    assert browser.url.startswith(thread)
    assert SmsMessage.objects.filter(text="It's $900", status="outbox").exists()


def test_a_failure_is_handled_corrected_and_resent(browser: Browser, failed: SmsMessage) -> None:
    browser.press("Mark as handled")
    failed.refresh_from_db()
    assert failed.handled
    browser.press("Reopen")
    browser.press("Save and resend", "correct", phone="617 555 0150")
    assert failed.replacements.get().remote_phone == "+16175550150"
    assert browser.url == failed.lead.get_absolute_url()
    assert "Resending to (617) 555-0150." in browser.text


def test_notes_contacts_and_details_are_edited(browser: Browser, lead: Lead) -> None:
    browser.press("Save note", text="Wants to sign soon")
    browser.press("Delete", "notes")
    assert not Note.objects.exists()
    browser.press("Undo")
    assert Note.objects.get().text == "Wants to sign soon"
    browser.follow("Add a contact")
    browser.press("Save contact", **{"name": "Nora", "phones-0-phone": "416 555 0144"})
    assert str(lead.contacts.get(name="Nora").phones.get()) == "(416) 555-0144"
    browser.follow("Edit the details")
    browser.press("Save", description="Two ovens")
    assert Lead.objects.get().description == "Two ovens"
    assert browser.url == lead.get_absolute_url()


def test_views_requests_and_signing_out(browser: Browser, failed: SmsMessage) -> None:
    SmsMessage.objects.update(reason="spam")
    browser.open(failed.lead.get_absolute_url())
    browser.follow("Request whitelisting")
    details = {name: str(value) for name, value in DETAILS.items()}
    browser.press("Review request", **details)
    browser.press("Submit request")
    assert SupportRequest.objects.get().state == "submitted"
    browser.open("/shortcuts/")
    browser.press("Sign out")
    browser.open("/leads/")
    assert browser.url == "/sign-in/"

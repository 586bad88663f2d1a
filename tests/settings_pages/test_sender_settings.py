"""Managers set up sender numbers, try them out, and turn them off."""

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import Contact, Lead
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of

pytestmark = pytest.mark.once
NEW = {"phone": "(212) 555-0100", "carrier": "sandbox", "rate": "10", "label": "Front desk"}
STATUSES = dict.fromkeys(
    ("brand_status", "campaign_status", "verification_status"), "not_submitted"
)


@pytest.fixture
def sender(manager: User) -> SenderNumber:
    assert manager.organization is not None
    return factories.sender(manager.organization)


def test_a_manager_adds_a_number(as_manager: Client, manager: User) -> None:
    assert "Add the one that your texts come from." in html_of(as_manager.get("/senders/"))
    page = as_manager.post("/senders/new/", NEW | STATUSES, follow=True)
    assert "Saved Front desk (212) 555-0100." in html_of(page)
    sender = SenderNumber.objects.get()
    assert (sender.organization, sender.phone) == (manager.organization, "+12125550100")


def test_a_number_is_set_up_once_in_the_installation(as_manager: Client, stranger: User) -> None:
    assert stranger.organization is not None
    factories.sender(stranger.organization)
    page = as_manager.post("/senders/new/", NEW | STATUSES)
    assert "This number is already set up." in html_of(page)
    assert str(stranger.organization) not in html_of(page)


def test_the_registration_decides_whether_a_number_is_registered(
    as_manager: Client, sender: SenderNumber
) -> None:
    approved = {"registration": "10dlc", "brand_status": "approved", "campaign_status": "in_review"}
    changed = NEW | STATUSES | approved | {"phone": "+14155550123", "registered": "on"}
    as_manager.post(f"/senders/{sender.pk}/edit/", changed)
    sender.refresh_from_db()
    assert (sender.phone, sender.registered) == ("+12125550100", False)
    assert sender.registration_label == "10DLC campaign in review"


def test_turning_a_number_off_says_what_happens_to_waiting_texts(
    as_manager: Client, lead: Lead, sender: SenderNumber
) -> None:
    factories.message(lead, status="scheduled", sender=sender)
    page = as_manager.get(f"/senders/{sender.pk}/switch/")
    assert "1 waiting text will still go out from it." in html_of(page)
    as_manager.post(f"/senders/{sender.pk}/switch/", {"to": "off"})
    assert not SenderNumber.objects.get().active
    as_manager.post(f"/senders/{sender.pk}/switch/", {"to": "on"})
    assert SenderNumber.objects.get().active


def test_a_test_text_is_an_ordinary_text_to_ones_own_phone(
    as_manager: Client, lead: Lead, sender: SenderNumber
) -> None:
    page = as_manager.post(f"/senders/{sender.pk}/test/", {"phone": "12"}, follow=True)
    assert "This is a short number." in html_of(page)
    page = as_manager.post(f"/senders/{sender.pk}/test/", {"phone": "415 555 0123"}, follow=True)
    text = SmsMessage.objects.get()
    assert text.text == "Test from Acme: texts from (212) 555-0100 reach this phone."
    assert page.redirect_chain == [(f"/leads/{text.lead_id}/", 302)]
    as_manager.post(f"/senders/{sender.pk}/test/", {"phone": "415 555 0123"})
    assert Contact.objects.filter(lead=text.lead).count() == 1


def test_a_lead_with_numbers_that_fail_is_made_once(
    as_manager: Client, lead: Lead, settings: Settings
) -> None:
    for _ in range(2):
        page = as_manager.post("/sample-failures/", follow=True)
        assert "Landline" in html_of(page)
    assert Lead.objects.filter(name="Sample failures").count() == 1
    settings.CARRIERS = ["twilio"]
    assert as_manager.post("/sample-failures/").status_code == 404


def test_reps_cannot_set_up_numbers(as_rep: Client, sender: SenderNumber) -> None:
    for action in ("edit", "switch", "test"):
        assert as_rep.post(f"/senders/{sender.pk}/{action}/").status_code == 403
    assert as_rep.get("/senders/new/").status_code == 403
    assert "New number" not in html_of(as_rep.get("/senders/"))


def test_an_operator_can_keep_numbers_to_administrators(
    as_manager: Client, settings: Settings
) -> None:
    settings.MANAGERS_ADD_SENDERS = False
    assert "New number" not in html_of(as_manager.get("/senders/"))
    assert as_manager.post("/senders/new/", NEW | STATUSES).status_code == 403

"""A reply goes to the lead that was texted last from the number that gets it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Lead
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging.calls import text


@pytest.fixture(autouse=True)
def number(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


def incoming() -> SmsMessage:
    return SmsMessage.objects.get(direction="incoming")


@pytest.fixture
def other_number(organization: Organization) -> SenderNumber:
    return factories.sender(organization, phone="+12125550101")


@pytest.fixture
def other(lead: Lead, rep: User) -> Lead:
    """Return a newer lead with the same number."""
    other = factories.lead(rep, "Acorn Shop")
    factories.contact(lead)
    factories.contact(other)
    return other


def texted(lead: Lead, number: SenderNumber, minutes_ago: int, **fields: Any) -> None:
    sent = timezone.now() - timedelta(minutes=minutes_ago)
    factories.message(lead, sender=number, **{"sent": sent, "created": sent} | fields)


def test_the_lead_texted_from_that_number_gets_the_reply(
    lead: Lead, other: Lead, number: SenderNumber, other_number: SenderNumber
) -> None:
    texted(lead, number, 60)
    texted(other, other_number, 1)
    text("To the first")
    assert incoming().lead == lead
    text("To the second", to=other_number.phone, sid="SMin2")
    assert SmsMessage.objects.get(text="To the second").lead == other


def test_the_lead_texted_last_gets_the_reply(lead: Lead, other: Lead, number: SenderNumber) -> None:
    texted(other, number, 60)
    texted(lead, number, 5)
    factories.message(other, direction="incoming", status="inbox", sender=number)
    text()
    assert SmsMessage.objects.latest("id").lead == lead


def test_a_scheduled_text_counts_when_it_was_sent(
    lead: Lead, other: Lead, number: SenderNumber
) -> None:
    texted(lead, number, 5, created=timezone.now() - timedelta(days=3))
    texted(other, number, 60)
    text()
    assert incoming().lead == lead


def test_a_text_that_the_carrier_rejected_does_not_count(
    lead: Lead, other: Lead, number: SenderNumber
) -> None:
    texted(lead, number, 60)
    texted(other, number, 5, status="error", reason="spam", sent=None)
    text()
    assert incoming().lead == lead


def test_the_texted_contact_gets_the_reply(lead: Lead, number: SenderNumber) -> None:
    factories.contact(lead, name="Ada Baker")
    second = factories.contact(lead, name="Bob Baker")
    texted(lead, number, 5, contact=second)
    text()
    assert incoming().contact == second


def test_a_lead_that_has_the_number_now_comes_before_one_that_lost_it(
    lead: Lead, rep: User, number: SenderNumber
) -> None:
    texted(lead, number, 5)
    text("Nobody has it")
    assert (incoming().lead, incoming().contact) == (lead, None)
    other = factories.lead(rep, "Acorn Shop")
    factories.contact(other)
    text("Acorn has it", sid="SMin2")
    assert SmsMessage.objects.get(text="Acorn has it").lead == other


def test_a_text_of_another_organization_does_not_count(lead: Lead, stranger: User) -> None:
    assert stranger.organization is not None
    number = factories.sender(stranger.organization, carrier="desk")
    texted(factories.lead(stranger), number, 1)
    factories.contact(lead)
    text()
    assert incoming().lead == lead

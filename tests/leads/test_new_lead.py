"""A lead is created with its first contact, unless it exists already."""

from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadStatus
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of


def form(rep: User, **typed: str) -> dict[str, Any]:
    status = LeadStatus.objects.get(organization=rep.organization)
    return {"name": "Cedar Cafe", "status": status.pk, "owner": rep.pk} | typed


@pytest.fixture
def known(lead: Lead) -> Lead:
    contact = factories.contact(lead)
    ContactEmail.objects.create(
        organization=lead.organization, contact=contact, email="Ada@Example.com"
    )
    return lead


def test_a_lead_is_created_with_its_first_contact(as_rep: Client, rep: User) -> None:
    typed = form(rep, contact_name="Cleo", phone="415 555 0177 ext. 7", email="cleo@example.com")
    as_rep.post("/leads/new/", typed)

    contact = Contact.objects.get(lead__name="Cedar Cafe")
    phone = contact.phones.get()
    assert (contact.name, phone.phone, phone.extension) == ("Cleo", "+14155550177", "7")
    assert contact.emails.get().email == "cleo@example.com"


@pytest.mark.once
def test_a_contact_without_a_name_has_the_leads(as_rep: Client, rep: User) -> None:
    as_rep.post("/leads/new/", form(rep, phone="4155550177"))
    assert Contact.objects.get().name == "Cedar Cafe"


@pytest.mark.once
def test_a_wrong_number_creates_nothing(as_rep: Client, rep: User) -> None:
    response = as_rep.post("/leads/new/", form(rep, phone="555"))
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"phone": "(415) 555-0123"}, "same phone number, (415) 555-0123"),
        ({"email": "ada@example.com"}, "same email, ada@example.com"),
        ({"name": "bluebird  bakery"}, "same name"),
    ],
)
def test_a_duplicate_is_shown_and_can_be_created_anyway(
    as_rep: Client, rep: User, known: Lead, typed: dict[str, str], why: str
) -> None:
    shown = html_of(
        as_rep.post("/leads/new/duplicates/", form(rep, **typed), HTTP_HX_REQUEST="true")
    )
    assert f'<a href="/leads/{known.pk}/">Open Bluebird Bakery</a>' in shown
    assert f"{why} · rita" in shown
    assert "Create anyway" in shown

    response = as_rep.post("/leads/new/", form(rep, **typed))
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert why in html_of(response)
    assert Lead.objects.count() == 1

    as_rep.post("/leads/new/", form(rep, **typed, anyway="yes"))
    assert Lead.objects.count() == 2


def test_a_similar_name_is_only_a_hint(as_rep: Client, rep: User, known: Lead) -> None:
    shown = html_of(as_rep.post("/leads/new/duplicates/", form(rep, name="Bluebird")))
    assert "similar name" in shown
    assert "Create lead" in shown
    as_rep.post("/leads/new/", form(rep, name="Bluebird"))
    assert Lead.objects.filter(name="Bluebird").exists()


@pytest.mark.once
def test_leads_of_others_arent_duplicates(as_rep: Client, rep: User, stranger: User) -> None:
    factories.contact(factories.lead(stranger, "Cedar Cafe"))
    typed = form(rep, phone="415 555 0123")
    assert "Open" not in html_of(as_rep.post("/leads/new/duplicates/", typed))


def test_duplicates_are_found_by_indexes(as_rep: Client, rep: User, known: Lead) -> None:
    typed = form(rep, phone="415 555 0123", email="ada@example.com")
    own = {"organization": known.organization, "contact": known.contacts.get()}
    ContactPhone.objects.bulk_create(
        ContactPhone(**own, phone=f"+1415555{number:04}") for number in range(1000, 1300)
    )
    ContactEmail.objects.bulk_create(
        ContactEmail(**own, email=f"{number}@example.com") for number in range(300)
    )
    with CaptureQueriesContext(connection) as captured:
        as_rep.post("/leads/new/duplicates/", typed)
    lookups = [each["sql"] for each in captured if "leads_contact" in each["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE leads_contactphone, leads_contactemail")
            cursor.execute("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        else:
            explain = "EXPLAIN QUERY PLAN"
        plans = []
        for sql in lookups:
            cursor.execute(f"{explain} {sql}")
            plans.append(str(cursor.fetchall()))
    assert any("contact_phone_number" in plan for plan in plans)
    assert any("contact_email_lower" in plan for plan in plans)

"""A form that is posted twice makes one row: without JavaScript nothing stops a second click."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client

from leads.models import Contact, ContactPhone, Lead, LeadStatus, Note
from tests import factories
from tests.leads.test_lead_edit import contact_form


def token_of(client: Client, url: str) -> str:
    """Return the token in the form of a page, as a browser sends it back."""
    html = client.get(url).content.decode()
    found = re.findall(r'name="form_token" value="([0-9a-f-]{36})"', html)
    assert found, url
    return str(found[-1])


@pytest.fixture
def doors(lead: Lead) -> dict[type[Model], tuple[str, str, dict[str, Any]]]:
    """For each kind of row: the page with the form, where it is posted, and what is typed."""
    status, page = LeadStatus.objects.get(), lead.get_absolute_url()
    new_contact = f"/leads/{lead.pk}/contacts/new/"
    return {
        Lead: ("/leads/new/", "/leads/new/", {"name": "Menlo Motors", "status": status.pk}),
        Note: (page, f"/leads/{lead.pk}/notes/new/", {"text": "Called, no answer"}),
        Contact: (new_contact, new_contact, contact_form("415 555 0123")),
    }


@pytest.mark.parametrize("model", [Lead, Note, Contact])
def test_the_second_post_answers_like_the_first(
    as_rep: Client, doors: dict[Any, tuple[str, str, dict[str, Any]]], model: Any
) -> None:
    page, url, data = doors[model]
    data["form_token"] = token_of(as_rep, page)
    before = model.objects.count()
    first, second = as_rep.post(url, data), as_rep.post(url, data)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert model.objects.count() == before + 1


@pytest.mark.parametrize("model", [Lead, Note, Contact])
def test_who_goes_back_and_types_something_else_makes_another(
    as_rep: Client, doors: dict[Any, tuple[str, str, dict[str, Any]]], model: Any
) -> None:
    """A browser goes back to the form as it was, with its token."""
    page, url, data = doors[model]
    data["form_token"] = token_of(as_rep, page)
    before = model.objects.count()
    as_rep.post(url, data)
    as_rep.post(url, data | {"name": "Nora", "text": "Called again"})
    assert model.objects.count() == before + 2


@pytest.mark.parametrize("token", ["", "x", "0" * 40])
def test_a_form_without_a_token_works(as_rep: Client, lead: Lead, token: str) -> None:
    """From a page that was open before tokens came."""
    url = f"/leads/{lead.pk}/notes/new/"
    for _ in range(2):
        assert as_rep.post(url, {"text": "Called", "form_token": token}).status_code == 302
    assert Note.objects.count() == 2


def test_the_same_token_of_another_organization_makes_its_own(
    as_rep: Client, as_stranger: Client, lead: Lead, stranger: Any
) -> None:
    theirs, token = factories.lead(stranger, "Their lead"), str(uuid4())
    for client, row in ((as_rep, lead), (as_stranger, theirs)):
        data = {"text": "Called", "form_token": token}
        client.post(f"/leads/{row.pk}/notes/new/", data)
    assert Note.objects.count() == 2


def test_a_number_added_twice_by_the_same_form_is_there_once(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    row = {"phones-INITIAL_FORMS": 1, "phones-0-id": contact.phones.get().pk}
    data = contact_form("415 555 0123", "415 555 0188") | row
    data |= {"emails-TOTAL_FORMS": 1, "emails-0-email": "ada@acme.example"}
    url = f"/contacts/{contact.pk}/edit/"
    answers = [as_rep.post(url, data) for _ in range(2)]
    assert [answer.headers.get("Location") for answer in answers] == [f"/leads/{lead.pk}/"] * 2
    assert ContactPhone.objects.count() == 2
    assert contact.emails.count() == 1

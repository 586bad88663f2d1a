"""A form that is posted twice creates one row: without JavaScript, nothing stops a second click."""

import re
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from pytest_django.asserts import assertContains

from leads import vocabulary_forms
from leads.models import Contact, ContactPhone, Lead, LeadStatus, Note
from messaging.outgoing import trying
from smscenter.accounts.models import User
from tests import factories
from tests.leads.test_lead_edit import contact_form


def token_of(client: Client, url: str) -> str:
    """Return the token in the page's form, as a browser would submit it."""
    html = client.get(url).content.decode()
    found = re.findall(r'name="form_token" value="([0-9a-f-]{36})"', html)
    assert found, url
    return str(found[-1])


@pytest.fixture
def forms(lead: Lead) -> dict[type[Model], tuple[str, str, dict[str, Any]]]:
    """Return for each model the page with its form, the URL it posts to, and the input."""
    status, page = LeadStatus.objects.get(), lead.get_absolute_url()
    new_contact = f"/leads/{lead.pk}/contacts/new/"
    return {
        Lead: ("/leads/new/", "/leads/new/", {"name": "Menlo Motors", "status": status.pk}),
        Note: (page, f"/leads/{lead.pk}/notes/new/", {"text": "Called, no answer"}),
        Contact: (new_contact, new_contact, contact_form("415 555 0123")),
    }


@pytest.mark.parametrize("model", [Lead, Note, Contact])
def test_the_second_post_gets_the_same_response(
    as_rep: Client, forms: dict[Any, tuple[str, str, dict[str, Any]]], model: Any
) -> None:
    page, url, data = forms[model]
    data["form_token"] = token_of(as_rep, page)
    before = model.objects.count()
    first, second = as_rep.post(url, data), as_rep.post(url, data)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert model.objects.count() == before + 1


@pytest.mark.parametrize("model", [Lead, Note, Contact])
def test_going_back_and_changing_the_form_creates_another_row(
    as_rep: Client, forms: dict[Any, tuple[str, str, dict[str, Any]]], model: Any
) -> None:
    """Going back restores the form with the same token."""
    page, url, data = forms[model]
    data["form_token"] = token_of(as_rep, page)
    before = model.objects.count()
    as_rep.post(url, data)
    as_rep.post(url, data | {"name": "Nora", "text": "Called again"})
    assert model.objects.count() == before + 2


@pytest.mark.once
@pytest.mark.parametrize("token", ["", "x", "0" * 40])
def test_a_form_without_a_token_works(as_rep: Client, lead: Lead, token: str) -> None:
    """The page may have been open since before forms had tokens."""
    url = f"/leads/{lead.pk}/notes/new/"
    for _ in range(2):
        assert as_rep.post(url, {"text": "Called", "form_token": token}).status_code == 302
    assert Note.objects.count() == 2


def test_the_same_token_creates_a_row_in_each_organization(
    as_rep: Client, as_stranger: Client, lead: Lead, stranger: Any
) -> None:
    other_lead, token = factories.lead(stranger, "Their lead"), str(uuid4())
    for client, row in ((as_rep, lead), (as_stranger, other_lead)):
        data = {"text": "Called", "form_token": token}
        client.post(f"/leads/{row.pk}/notes/new/", data)
    assert Note.objects.count() == 2


def test_a_number_added_twice_by_the_same_form_is_saved_once(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    row = {"phones-INITIAL_FORMS": 1, "phones-0-id": contact.phones.get().pk}
    data = contact_form("415 555 0123", "415 555 0188") | row
    data |= {"emails-TOTAL_FORMS": 1, "emails-0-email": "ada@acme.example"}
    url = f"/contacts/{contact.pk}/edit/"
    responses = [as_rep.post(url, data) for _ in range(2)]
    assert [response.headers.get("Location") for response in responses] == [
        f"/leads/{lead.pk}/"
    ] * 2
    assert ContactPhone.objects.count() == 2
    assert contact.emails.count() == 1


def test_two_forms_that_save_the_same_at_once_are_no_server_error(
    as_rep: Client, rep: User, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    # Neither request sees what the other one is about to save.
    monkeypatch.setattr(vocabulary_forms, "refuse_taken", lambda _row, _same: None)
    new = {"label": lead.status.label, "color": "gray"}
    page = as_rep.post("/settings/statuses/new/", new)
    assertContains(page, "Already saved", status_code=409)


@pytest.mark.django_db(transaction=True)
def test_a_lead_to_try_things_out_is_made_once() -> None:
    rita = factories.user(factories.organization("acme"), "rita")
    begin, found = threading.Barrier(4), list[Lead | None]()

    def click() -> None:
        begin.wait(timeout=10)
        found.append(trying.sample_failures(rita))
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert found == [Lead.objects.get()] * 4

"""Editing a lead never leaves people on half a page, with and without JavaScript."""

import re

import pytest
from django.test import Client

from leads.models import Contact, Lead, Note
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.once


@pytest.fixture
def contact(lead: Lead) -> Contact:
    return factories.contact(lead)


@pytest.fixture
def note(lead: Lead, rep: User) -> Note:
    return Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="Hi")


def test_a_form_on_its_own_page_does_not_use_htmx(
    as_rep: Client, contact: Contact, note: Note
) -> None:
    """Its response is a part of the lead page, which this page doesn't have."""
    for path in (
        f"/contacts/{contact.pk}/edit/",
        f"/leads/{contact.lead_id}/contacts/new/",
        f"/notes/{note.pk}/edit/",
        f"/leads/{contact.lead_id}/edit/",
    ):
        main = as_rep.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
        assert re.findall(r"hx-(?:get|post|target)", main) == [], path


def test_parts_of_the_lead_page_lead_to_the_whole_page(as_rep: Client, contact: Contact) -> None:
    for part in ("contacts", "details"):
        response = as_rep.get(f"/leads/{contact.lead_id}/{part}/")
        assert response.headers["Location"] == contact.lead.get_absolute_url()


def test_every_way_out_of_a_contact_leads_to_the_lead(as_rep: Client, contact: Contact) -> None:
    lead_url = contact.lead.get_absolute_url()
    page = as_rep.get(f"/contacts/{contact.pk}/edit/").content.decode()
    assert re.search(rf'href="{lead_url}"\s*>Cancel', page)
    phones = {"phones-TOTAL_FORMS": 0, "phones-INITIAL_FORMS": 0}
    emails = {"emails-TOTAL_FORMS": 0, "emails-INITIAL_FORMS": 0}
    saved = as_rep.post(f"/contacts/{contact.pk}/edit/", {"name": "Bob"} | phones | emails)
    assert saved.headers["Location"] == lead_url
    deleted = as_rep.post(f"/contacts/{contact.pk}/delete/")
    assert deleted.headers["Location"] == lead_url
    assert not Contact.objects.exists()


def test_one_field_is_edited_in_place(as_rep: Client, lead: Lead) -> None:
    url, htmx = f"/leads/{lead.pk}/edit/?field=url", {"HX-Request": "true"}
    form = as_rep.get(url, headers=htmx).content.decode()
    assert 'name="url"' in form
    assert 'name="name"' not in form
    refused = as_rep.post(url, {"url": "nowhere"}, headers=htmx)
    assert "valid URL" in refused.content.decode()
    html = as_rep.post(url, {"url": "https://acme.example"}, headers=htmx).content.decode()
    assert 'id="details"' in html
    assert "https://acme.example" in html
    lead.refresh_from_db()
    assert (lead.url, lead.name) == ("https://acme.example", "Bluebird Bakery")

"""Leads, contacts and notes are created and edited in place, and without JavaScript."""

from typing import Any

import pytest
from django.test import Client

from leads.models import Contact, ContactPhone, CustomField, Lead, LeadStatus, Note
from smscenter.accounts.models import User
from tests import factories

HTMX = {"HX-Request": "true"}


def lead_form(lead: Lead, **changes: Any) -> dict[str, Any]:
    return {"name": lead.name, "status": lead.status_id, "owner": lead.owner_id or ""} | changes


def contact_form(*phones: str, name: str = "Ada Baker", **more: Any) -> dict[str, Any]:
    rows = {
        f"phones-{index}-{field}": value
        for index, phone in enumerate(phones)
        for field, value in (("phone", phone), ("label", "mobile"))
    }
    counts = {
        f"{prefix}-{suffix}": number
        for prefix, number_of_rows in (("phones", len(phones)), ("emails", 0))
        for suffix, number in (("TOTAL_FORMS", number_of_rows), ("INITIAL_FORMS", 0))
    }
    return {"name": name} | rows | counts | more


def test_a_lead_is_created(as_rep: Client, rep: User) -> None:
    status = LeadStatus.objects.get(organization=rep.organization)

    response = as_rep.post("/leads/new/", {"name": "New Bakery", "status": status.pk})

    lead = Lead.objects.get()
    assert response.headers["Location"] == f"/leads/{lead.pk}/"
    assert (lead.name, lead.organization, lead.created_by) == ("New Bakery", rep.organization, rep)


@pytest.mark.once
def test_the_creator_is_preselected_as_the_owner(as_rep: Client, rep: User) -> None:
    assert f'<option value="{rep.pk}" selected>' in as_rep.get("/leads/new/").content.decode()


def test_a_lead_is_edited(as_rep: Client, lead: Lead) -> None:
    as_rep.post(f"/leads/{lead.pk}/edit/", lead_form(lead, name="Blue", owner=""))

    lead.refresh_from_db()
    assert (lead.name, lead.owner) == ("Blue", None)


@pytest.mark.once
@pytest.mark.parametrize(
    ("entered", "saved"), [("acme.com", "https://acme.com"), ("http://acme.com", "http://acme.com")]
)
def test_a_website_is_typed_without_https(
    as_rep: Client, lead: Lead, entered: str, saved: str
) -> None:
    url = f"/leads/{lead.pk}/edit/"
    assert 'type="url"' not in as_rep.get(url).content.decode()

    as_rep.post(url, lead_form(lead, url=entered))

    lead.refresh_from_db()
    assert lead.url == saved


@pytest.mark.once
def test_a_lead_is_edited_in_place(as_rep: Client, lead: Lead) -> None:
    url = f"/leads/{lead.pk}/edit/"
    form = as_rep.get(url, headers=HTMX).content.decode()
    saved = as_rep.post(url, lead_form(lead, name="Blue"), headers=HTMX).content.decode()

    assert "<html" not in form
    assert 'id="details"' in form
    assert 'id="summary"' in saved
    assert "<h1>Blue</h1>" in saved


@pytest.mark.once
def test_an_error_is_shown_next_to_its_field(as_rep: Client, lead: Lead) -> None:
    html = as_rep.post(f"/leads/{lead.pk}/edit/", lead_form(lead, url="x y")).content.decode()

    assert "Enter a valid URL." in html
    lead.refresh_from_db()
    assert not lead.url


def test_custom_fields_keep_their_types_and_others_are_untouched(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    kinds = CustomField.Kind
    values = {
        kinds.TEXT: ("bread", "bread"),
        kinds.NUMBER: ("2.5", 2.5),
        kinds.DATE: ("2026-03-04", "2026-03-04"),
        kinds.CHOICE: ("b", "b"),
        kinds.USER: (str(rep.pk), rep.pk),
    }
    lead.custom = {"elsewhere": 1}
    lead.save()
    typed = {}
    for kind, (text, _) in values.items():
        field = CustomField.objects.create(
            organization=lead.organization, name=kind.label, kind=kind, choices=["a", "b"]
        )
        typed[f"custom_{field.pk}"] = text

    as_rep.post(f"/leads/{lead.pk}/edit/", lead_form(lead, **typed))

    lead.refresh_from_db()
    saved = {kind.label: value for kind, (_, value) in values.items()}
    assert lead.custom == {"elsewhere": 1} | saved

    as_rep.post(f"/leads/{lead.pk}/edit/", lead_form(lead))

    lead.refresh_from_db()
    assert lead.custom == {"elsewhere": 1}


@pytest.mark.once
def test_status_and_owner_belong_to_the_organization(
    as_rep: Client, stranger: User, lead: Lead
) -> None:
    foreign = LeadStatus.objects.get(organization=stranger.organization)

    for change in ({"status": foreign.pk}, {"owner": stranger.pk}):
        html = as_rep.post(f"/leads/{lead.pk}/edit/", lead_form(lead, **change)).content.decode()
        assert "from the list." in html


def test_a_contact_is_added_with_a_number_in_any_format(as_rep: Client, lead: Lead) -> None:
    as_rep.post(f"/leads/{lead.pk}/contacts/new/", contact_form("(415) 555-0123 ext. 7"))

    phone = ContactPhone.objects.get()
    assert (phone.phone, phone.extension) == ("+14155550123", "7")
    assert phone.contact.name == "Ada Baker"
    assert phone.organization == lead.organization


@pytest.mark.once
def test_a_contact_is_edited_in_place(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    phone = contact.phones.get()
    url = f"/contacts/{contact.pk}/edit/"
    data = contact_form("415 555 0188", name="Ada B.", title="Owner") | {
        "phones-INITIAL_FORMS": 1,
        "phones-0-id": phone.pk,
    }

    response = as_rep.post(url, data, headers=HTMX)

    assert "contacts-changed" in response.headers["HX-Trigger-After-Settle"]
    assert "(415) 555-0188" in response.content.decode()
    phone.refresh_from_db()
    assert phone.phone == "+14155550188"


@pytest.mark.once
@pytest.mark.parametrize(
    ("phone", "message"),
    [
        ("hello", "This isn&#x27;t a phone number."),
        ("555 0123", "too few digits"),
        ("911", "This is a short number"),
        ("+1 415 555 0123 999", "too many digits"),
    ],
)
def test_an_invalid_number_shows_an_error_and_stays_in_the_form(
    as_rep: Client, lead: Lead, phone: str, message: str
) -> None:
    html = as_rep.post(f"/leads/{lead.pk}/contacts/new/", contact_form(phone)).content.decode()

    assert message in html
    assert f'value="{phone}"' in html
    assert not Contact.objects.exists()


def test_a_contact_cannot_have_the_same_number_twice(as_rep: Client, lead: Lead) -> None:
    data = contact_form("415 555 0123", "(415) 555-0123")

    html = as_rep.post(f"/leads/{lead.pk}/contacts/new/", data).content.decode()

    assert "This number is listed twice." in html
    assert not Contact.objects.exists()


def test_a_row_of_another_contact_cannot_be_edited(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    other = factories.contact(lead, "+14155550177", "Bob").phones.get()
    data = contact_form("415 555 0188") | {"phones-INITIAL_FORMS": 1, "phones-0-id": other.pk}

    as_rep.post(f"/contacts/{contact.pk}/edit/", data)

    other.refresh_from_db()
    assert other.phone == "+14155550177"


def test_deleting_a_contact_keeps_its_texts(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    message = factories.message(lead, contact=contact)

    as_rep.post(f"/contacts/{contact.pk}/delete/")

    message.refresh_from_db()
    assert message.contact is None
    assert not Contact.objects.exists()


def test_a_note_is_created_edited_and_deleted(as_rep: Client, rep: User, lead: Lead) -> None:
    as_rep.post(f"/leads/{lead.pk}/notes/new/", {"text": "Called, no answer"})
    note = Note.objects.get()
    assert (note.text, note.user) == ("Called, no answer", rep)

    html = as_rep.post(f"/notes/{note.pk}/edit/", {"text": "Called"}, headers=HTMX).content.decode()
    assert f'id="note-{note.pk}"' in html
    note.refresh_from_db()
    assert note.text == "Called"

    as_rep.post(f"/notes/{note.pk}/delete/")
    assert not Note.objects.exists()


@pytest.mark.once
def test_an_empty_note_is_refused(as_rep: Client, lead: Lead) -> None:
    response = as_rep.post(f"/leads/{lead.pk}/notes/new/", {"text": " "})

    assert response.status_code == 422
    assert "Enter a note." in response.content.decode()


@pytest.mark.once
def test_saving_a_note_refreshes_the_timeline(as_rep: Client, lead: Lead) -> None:
    response = as_rep.post(f"/leads/{lead.pk}/notes/new/", {"text": "Hi"}, headers=HTMX)

    assert "timeline-changed" in response.headers["HX-Trigger-After-Settle"]

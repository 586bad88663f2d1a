"""What was deleted or canceled comes back with one click, for a minute."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from leads.models import Address, Contact, DeletedLead, DeletedNote, Lead, LeadMerge, Note
from leads.models.deleted import KEPT
from messaging.models import OptOut, SmsMessage
from messaging.outgoing import outbox
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.undo import acts
from tests import factories
from tests.html import html_of

HTMX = {"HX-Request": "true"}


def token(response: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html_of(response))
    assert found
    return found[1]


def undo(client: Client, token: str) -> list[str]:
    response = client.post("/undo/", {"token": token}, HTTP_REFERER="http://testserver/leads/")
    assert response["Location"] == "http://testserver/leads/"
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def lead(rep: User) -> Lead:
    return factories.lead(rep, "Bluebird Bakery")


def test_a_deleted_note_comes_back_and_its_record_goes(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    note = Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="Hi")
    response = as_rep.post(f"/notes/{note.pk}/delete/", headers=HTMX)
    assert DeletedNote.objects.exists()
    assert undo(as_rep, token(response)) == ["Restored."]
    restored = Note.objects.get()
    assert (restored.pk, restored.text, restored.created) == (note.pk, "Hi", note.created)
    assert not DeletedNote.objects.exists()
    assert "changed or restored since" in undo(as_rep, token(response))[-1]
    assert Note.objects.count() == 1


def test_a_deleted_contact_comes_back_with_numbers_and_texts(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    contact.emails.create(organization=lead.organization, email="ada@example.com")
    text = factories.message(lead, contact=contact)
    response = as_rep.post(f"/contacts/{contact.pk}/delete/", follow=True)
    assert SmsMessage.objects.get().contact is None
    undo(as_rep, token(response))
    text.refresh_from_db()
    assert text.contact == Contact.objects.get()
    assert [str(phone) for phone in text.contact.phones.all()] == ["(415) 555-0123"]
    assert [str(email) for email in text.contact.emails.all()] == ["ada@example.com"]


def test_a_removed_number_comes_back(as_rep: Client, lead: Lead) -> None:
    contact = factories.contact(lead)
    phone = contact.phones.get()
    form = {
        "name": contact.name,
        "phones-TOTAL_FORMS": 1,
        "phones-INITIAL_FORMS": 1,
        "phones-0-id": phone.pk,
        "phones-0-phone": phone.phone,
        "phones-0-label": "mobile",
        "phones-0-DELETE": "on",
        "emails-TOTAL_FORMS": 0,
        "emails-INITIAL_FORMS": 0,
    }
    response = as_rep.post(f"/contacts/{contact.pk}/edit/", form, headers=HTMX)
    assert "(415) 555-0123 removed." in html_of(response)
    assert not contact.phones.exists()
    undo(as_rep, token(response))
    assert contact.phones.get() == phone


def test_a_second_address_is_added_and_a_deleted_one_comes_back(as_rep: Client, lead: Lead) -> None:
    def add(street: str) -> str:
        form = {"street": street, "country": "US"}
        return html_of(as_rep.post(f"/leads/{lead.pk}/addresses/new/", form, headers=HTMX))

    assert "Add another address" in add("1 Main St")
    second = add("2 Elm St")
    assert "1 Main St" in second
    assert "2 Elm St" in second
    address = Address.objects.get(street="1 Main St")
    response = as_rep.post(f"/addresses/{address.pk}/delete/", headers=HTMX)
    assert "Address deleted." in html_of(response)
    assert list(lead.addresses.values_list("street", flat=True)) == ["2 Elm St"]
    undo(as_rep, token(response))
    assert Address.objects.get(street="1 Main St") == address


def test_a_deleted_lead_comes_back_later_than_a_minute(as_rep: Client, lead: Lead) -> None:
    response = as_rep.post(f"/leads/{lead.pk}/delete/", follow=True)
    assert "Bluebird Bakery deleted." in html_of(response)
    assert acts.by_key["lead deletion"].lasts == KEPT
    assert undo(as_rep, token(response)) == ["Bluebird Bakery restored."]
    assert undo(as_rep, token(response))[-1] == "It's too late to restore this lead."
    assert not DeletedLead.objects.exists()


def test_merged_leads_are_two_again(as_rep: Client, rep: User, lead: Lead) -> None:
    other = factories.lead(rep, "Bluebird Cafe")
    response = as_rep.post(f"/leads/{lead.pk}/merge/?with={other.pk}", follow=True)
    assert "Bluebird Cafe merged into this lead." in html_of(response)
    assert undo(as_rep, token(response)) == ["Bluebird Cafe is a lead of its own again."]
    assert undo(as_rep, token(response))[-1] == "This merge can't be undone anymore."
    assert LeadMerge.objects.get().undone_by == rep


def test_a_deleted_view_comes_back_unless_its_name_is_taken(as_rep: Client, rep: User) -> None:
    own = {"organization": rep.organization, "owner": rep, "query": "failed_sms > 0"}
    view = SavedView.objects.create(name="Failed", **own)
    response = as_rep.post(f"/views/{view.pk}/delete/", follow=True)
    SavedView.objects.create(name="Failed", **own)
    assert undo(as_rep, token(response)) == ["Can't undo: this was changed or restored since then."]
    SavedView.objects.all().delete()
    undo(as_rep, token(response))
    assert SavedView.objects.get() == view


def test_only_the_person_who_did_it_can_undo_it_for_a_minute(
    as_rep: Client, colleague: User, rep: User, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="Hi")
    response = as_rep.post(f"/notes/{note.pk}/delete/", headers=HTMX)
    (as_colleague := Client()).force_login(colleague)
    assert undo(as_colleague, token(response)) == ["Too late to undo."]
    assert undo(as_rep, f"{token(response)}x")[-1] == "Too late to undo."
    deletion = replace(acts.by_key["deletion"], lasts=timedelta(seconds=-1))
    monkeypatch.setitem(acts.by_key, "deletion", deletion)
    assert undo(as_rep, token(response))[-1] == "Too late to undo."
    assert not Note.objects.exists()


@pytest.fixture
def scheduled(rep: User, lead: Lead) -> SmsMessage:
    contact, sender = factories.contact(lead), factories.sender(lead.organization)
    due = timezone.now() + timedelta(days=3)
    return outbox.check_and_queue(
        user=rep, lead=lead, contact=contact, sender=sender, to=factories.MOBILE, text="Hi", due=due
    )


def test_a_canceled_text_is_scheduled_again_once(as_rep: Client, scheduled: SmsMessage) -> None:
    response = as_rep.post(f"/messages/{scheduled.pk}/unschedule/", headers=HTMX)
    assert not SmsMessage.objects.exists()
    for _ in range(2):
        assert undo(as_rep, token(response))[-1] == "Text scheduled again."
        again = SmsMessage.objects.get()
        assert (again.text, again.scheduled) == ("Hi", scheduled.scheduled)
        assert again.attempts.get().due == scheduled.scheduled


def test_a_canceled_text_is_not_scheduled_again_after_an_opt_out(
    as_rep: Client, scheduled: SmsMessage
) -> None:
    response = as_rep.post(f"/messages/{scheduled.pk}/unschedule/", follow=True)
    OptOut.objects.record(
        scheduled.organization, factories.MOBILE, source=OptOut.Source.STAFF, sender=None
    )
    assert "opted out" in undo(as_rep, token(response))[0]
    assert not SmsMessage.objects.exists()


def test_scheduling_and_handling_can_be_undone(as_rep: Client, scheduled: SmsMessage) -> None:
    page = as_rep.get(f"/leads/{scheduled.lead_id}/?sent={scheduled.pk}")
    assert 'Undo<span class="visually-hidden"> scheduling this text' in html_of(page)
    as_rep.post(f"/messages/{scheduled.pk}/undo/")
    assert not SmsMessage.objects.exists()

    failed = factories.message(scheduled.lead, status="error", reason="unreachable")
    response = as_rep.post(f"/messages/{failed.pk}/handle/", headers=HTMX)
    assert "Marked as handled." in html_of(response)
    as_rep.post(f"/messages/{failed.pk}/handle/", {"handled": "no"}, headers=HTMX)
    failed.refresh_from_db()
    assert failed.handled is None

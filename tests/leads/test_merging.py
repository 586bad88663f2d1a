"""Two leads are merged into one, and undoing that brings back every row as it was."""

import threading
import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from leads.changing import deleting, merging
from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadMerge, LeadVisit, Note
from messaging.management.consistency import rollups
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging import calls

# Of merges, and of what has to be counted again.
RECORDS = {"LeadMerge", "DeletedLead", "ChangedQuarter"}


def tables() -> dict[str, list[Any]]:
    """Return all rows of leads and messaging, but the records of merges."""
    models = [*apps.get_app_config("leads").get_models()]
    models += apps.get_app_config("messaging").get_models()
    return {
        model.__name__: [
            row
            for row in model._base_manager.order_by("pk").values()
            if row.get("field") != "merged"  # which is the record on the timeline
        ]
        for model in models
        if model.__name__ not in RECORDS
    }


@pytest.fixture
def other(rep: User, lead: Lead) -> Lead:
    """Return a lead with rows of every kind: a contact and a visit are those of `lead`, too."""
    same = factories.contact(lead)
    ContactEmail.objects.create(organization=lead.organization, contact=same, email="a@example.com")
    factories.message(lead, contact=same, status="sent")
    LeadVisit.objects.create(
        organization=lead.organization, lead=lead, user=rep, seen=timezone.now()
    )
    rows = factories.everything(rep, "Blue")
    other, contact = rows["lead"], rows["contact"]
    assert isinstance(other, Lead)
    assert isinstance(contact, Contact)
    ContactPhone.objects.create(
        organization=lead.organization, contact=contact, phone=factories.OTHER_MOBILE
    )
    factories.contact(other, "+14155550177", "Bob Blue")
    factories.message(other, direction="incoming", status="inbox", contact=contact)
    return other


def merge(client: Client, lead: Lead, other: Lead, **taken: str) -> HttpResponse:
    return client.post(  # type: ignore[return-value]
        f"/leads/{lead.pk}/merge/?with={other.pk}", taken, follow=True
    )


def test_undoing_a_merge_restores_every_table(rep: User, lead: Lead, other: Lead) -> None:
    before = tables()

    record = merging.merge(lead, other, rep, ["name", "description"])
    assert tables() != before
    assert merging.undo(record, rep)

    after = tables()
    for name, rows in before.items():
        assert after[name] == rows, name
    assert not merging.undo(record, rep)


def test_a_merged_lead_has_the_rows_and_counts_of_both(rep: User, lead: Lead, other: Lead) -> None:
    merging.merge(lead, other, rep, ["name"])

    lead.refresh_from_db()
    assert (lead.name, lead.sms_count, lead.failed_sms_count) == ("Blue lead", 3, 1)
    assert lead.received_sms_count == 1
    assert not list(rollups.check(Lead.objects.all()))
    ada, bob = Contact.objects.visible_to(rep).filter(lead=lead)
    assert (ada.name, bob.name) == ("Ada Baker", "Bob Blue")
    phones = ada.phones.values_list("phone", flat=True)
    assert [*phones] == [factories.MOBILE, factories.OTHER_MOBILE]
    assert ada.messages.count() == 2
    assert Note.objects.get(lead=lead).text == "Blue note"
    assert not Lead.objects.visible_to(rep).filter(pk=other.pk).exists()
    assert not Contact.objects.visible_to(rep).filter(lead=other).exists()


def test_a_merge_is_previewed_recorded_and_undone(
    as_rep: Client, rep: User, lead: Lead, other: Lead
) -> None:
    choose = html_of(as_rep.get(f"/leads/{lead.pk}/merge/"))
    assert f"?with={other.pk}" in choose  # they have the same number
    preview = html_of(as_rep.get(f"/leads/{lead.pk}/merge/", {"with": other.pk}))
    assert "Blue contact joins Ada Baker" in preview
    assert "Bob Blue, as a contact" in preview

    merged = html_of(merge(as_rep, lead, other, name="other"))
    record = LeadMerge.objects.get(user=rep, source=other)
    assert "Blue lead merged into this lead." in merged
    assert "<strong>rita</strong> merged Blue lead into this lead" in merged
    assert as_rep.get(f"/leads/{other.pk}/")["Location"] == lead.get_absolute_url()

    as_rep.post(f"/leads/merges/{record.pk}/undo/")
    lead.refresh_from_db()
    assert lead.name == "Bluebird Bakery"
    assert as_rep.get(f"/leads/{other.pk}/").status_code == HTTPStatus.OK


def test_what_came_since_goes_back_with_its_contact(rep: User, lead: Lead, other: Lead) -> None:
    record = merging.merge(lead, other, rep, ["name"])
    bob = Contact.objects.get(name="Bob Blue")
    text = factories.message(lead, contact=bob, direction="incoming", status="inbox")
    Lead.objects.filter(pk=lead.pk).update(name="Renamed since")

    merging.undo(record, rep)

    text.refresh_from_db()
    lead.refresh_from_db()
    assert (text.lead, lead.name) == (other, "Renamed since")


def test_a_merge_cant_be_undone_after_a_day(rep: User, lead: Lead, other: Lead) -> None:
    record = merging.merge(lead, other, rep, [])
    LeadMerge.objects.filter(pk=record.pk).update(created=timezone.now() - timedelta(hours=25))
    late = Note.objects.create(organization=lead.organization, lead=other, user=rep, text="Late")

    assert not merging.undo(record, rep)
    merging.delete_merged()

    assert not Lead.objects.filter(pk=other.pk).exists()
    late.refresh_from_db()
    assert late.lead == lead


@pytest.mark.once
def test_a_lead_that_was_deleted_meanwhile_isnt_merged(
    as_rep: Client, rep: User, lead: Lead, other: Lead
) -> None:
    deleting.delete(other, rep)

    with pytest.raises(merging.GoneError):
        merging.merge(lead, other, rep, [])
    assert merge(as_rep, lead, other).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.django_db(transaction=True)
def test_a_text_that_arrives_during_a_merge_joins_the_lead_that_stays(
    rep: User, lead: Lead
) -> None:
    other = factories.lead(rep, "Other")
    factories.contact(other)
    factories.sender(lead.organization)
    is_merged = threading.Event()

    def merge_slowly() -> None:
        with transaction.atomic():
            merging.merge(lead, other, rep, [])
            is_merged.set()
            time.sleep(0.3)
        connection.close()

    merger = threading.Thread(target=merge_slowly)
    merger.start()
    is_merged.wait(5)
    calls.text("Hello")
    merger.join()

    assert SmsMessage.objects.get().lead == lead


@pytest.mark.once
def test_a_merge_that_a_worker_interrupts_is_tried_again(
    as_rep: Client, lead: Lead, other: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends one of two transactions that wait for each other."""
    deadlock = OperationalError()
    deadlock.__cause__ = type("Cause", (Exception,), {"sqlstate": "40P01"})()
    lock, errors = merging._lock, [deadlock]

    def lock_the_second_time(*leads: Lead) -> None:
        if errors:
            raise errors.pop()
        lock(*leads)

    monkeypatch.setattr(merging, "_lock", lock_the_second_time)
    assert merge(as_rep, lead, other).status_code == HTTPStatus.OK
    assert LeadMerge.objects.filter(lead=lead, source=other).count() == 1

"""Two leads are merged into one, and undoing that brings back every row as it was."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from leads import merging
from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadVisit, Note
from smscenter.accounts.models import User
from tests import factories

RECORDS = {"LeadMerge", "DeletedLead"}


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


def merge(client: Client, lead: Lead, other: Lead, **taken: str) -> Any:
    return client.post(f"/leads/{lead.pk}/merge/?with={other.pk}", {"confirm": "yes"} | taken)


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
    assert not call_command("rollups")
    ada, bob = Contact.objects.visible_to(rep).filter(lead=lead)
    assert (ada.name, bob.name) == ("Ada Baker", "Bob Blue")
    phones = ada.phones.values_list("phone", flat=True)
    assert [*phones] == [factories.MOBILE, factories.OTHER_MOBILE]
    assert ada.messages.count() == 2
    assert Note.objects.get(lead=lead).text == "Blue note"
    assert not Lead.objects.visible_to(rep).filter(pk=other.pk).exists()
    assert not Contact.objects.visible_to(rep).filter(lead=other).exists()

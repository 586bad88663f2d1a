"""Lookups by rows compare the organization, too, without changing what they find."""

import pytest
from django.db.models import QuerySet

from leads.models import Contact, ContactPhone, Lead, Note
from smscenter.accounts.models import User
from tests import factories
from tests.statements import COMPARED

pytestmark = pytest.mark.once


@pytest.fixture
def theirs(stranger: User) -> Lead:
    return factories.lead(stranger, "Zanzibar Traders")


def test_rows_of_several_organizations_are_found_together(lead: Lead, theirs: Lead) -> None:
    own, other = factories.contact(lead), factories.contact(theirs)
    found = Contact.objects.filter(lead__in=[lead, theirs]).prefetch_related("phones")
    assert {contact: contact.phones.get().contact_id for contact in found} == {
        own: own.pk,
        other: other.pk,
    }
    leads = Lead.objects.prefetch_related("contacts").order_by("pk")
    assert [list(each.contacts.all()) for each in leads] == [[own], [other]]


def test_rows_that_do_not_belong_to_a_row_are_found(lead: Lead, theirs: Lead) -> None:
    factories.contact(lead)
    other = factories.contact(theirs)
    assert list(Contact.objects.exclude(lead=lead)) == [other]
    assert list(Lead.objects.filter(contacts=other)) == [theirs]
    assert list(ContactPhone.objects.exclude(contact__lead=lead)) == list(other.phones.all())


def test_lookups_by_rows_compare_the_organization(lead: Lead) -> None:
    lookups: list[QuerySet[Note, Note]] = [
        Note.objects.filter(lead=lead),
        Note.objects.filter(lead__in=[lead]),
        lead.notes.all(),
    ]
    assert all(COMPARED.search(str(lookup.query)) for lookup in lookups)

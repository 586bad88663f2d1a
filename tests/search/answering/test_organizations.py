"""Test that subqueries read rows of the user's organization only.

Links between rows can't cross organizations, because the database refuses it. That leaves rows
found by phone number, and rows counted before they're filtered.
"""

import pytest
from django.db.models import Model

from leads.models import Contact, ContactPhone, Lead
from messaging.models import OptOut, SmsMessage
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestMessage
from tests import factories
from tests.search.conftest import Find


@pytest.fixture
def theirs(stranger: User) -> Lead:
    """Create a newer lead of another organization with the same number."""
    lead = factories.lead(stranger, "Theirs")
    factories.contact(lead)
    return lead


def test_an_opt_out_from_another_organization_does_not_match(
    lead: Lead, theirs: Lead, find: Find, stranger: User
) -> None:
    factories.contact(lead)
    OptOut.objects.record(theirs.organization, factories.MOBILE, source=OptOut.Source.KEYWORD)
    assert find("has:opted_out") == []
    assert find("has:opted_out", user=stranger) == ["Theirs"]
    OptOut.objects.record(lead.organization, factories.MOBILE, source=OptOut.Source.KEYWORD)
    assert find("has:opted_out") == ["Bluebird Bakery"]


def test_a_view_with_a_limit_counts_only_leads_of_the_organization(
    lead: Lead, theirs: Lead, find: Find, rep: User
) -> None:
    assert theirs.pk > lead.pk
    SavedView.objects.create(
        organization=lead.organization,
        owner=rep,
        model="lead",
        name="Newest",
        query="sort:-created limit:1",
    )
    assert find("in:Newest") == ["Bluebird Bakery"]


def poison(lead: Lead, theirs: Lead, kind: str) -> Model:
    """Insert a row of the other organization that points to a row of this one.

    PostgreSQL refuses it too, but not before the end of the transaction.
    """
    own = {"organization": theirs.organization}
    [person] = lead.contacts.all()
    if kind == "message":
        fields = {"direction": "outgoing", "status": "sent", "remote_phone": factories.MOBILE}
        return SmsMessage.objects.create(**own, lead=lead, text="Secret", **fields)
    if kind == "contact":
        return Contact.objects.create(**own, lead=lead, name="Secret")
    if kind == "phone":
        return ContactPhone.objects.create(**own, contact=person, phone=factories.OTHER_MOBILE)
    support_request = SupportRequest.objects.create(
        **own, kind="whitelist", created_by=theirs.owner
    )
    text = factories.message(lead, text="Ours")
    return SupportRequestMessage.objects.create(**own, request=support_request, message=text)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite refuses such rows at once")
@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("message", "sms(text:secret)"),
        ("contact", "contact(name:secret)"),
        ("contact", "secret"),
        ("phone", "has:opted_out"),
        ("request", "has:whitelist_requests"),
    ],
)
def test_related_rows_of_other_organizations_are_not_read(
    lead: Lead, theirs: Lead, find: Find, kind: str, query: str
) -> None:
    factories.contact(lead)
    OptOut.objects.record(lead.organization, factories.OTHER_MOBILE, source=OptOut.Source.STAFF)
    poisoned = poison(lead, theirs, kind)
    try:
        assert find(query) == []
    finally:
        poisoned.delete()

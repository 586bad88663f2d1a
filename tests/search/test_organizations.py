"""Subqueries read the rows of the searcher's organization only.

Links between rows can't cross organizations, because the database refuses it. What's left is what's
kept by number, and which rows are counted before they are narrowed.
"""

import pytest

from leads.models import Lead
from messaging import optouts
from messaging.models import OptOut
from search.models import SavedView
from smscenter.accounts.models import User
from tests import factories
from tests.search.conftest import Find


@pytest.fixture
def theirs(stranger: User) -> Lead:
    """A lead of another organization with the same number, and newer than any of ours."""
    lead = factories.lead(stranger, "Theirs")
    factories.contact(lead)
    return lead


def test_an_opt_out_from_another_organization_is_not_one_from_ours(
    lead: Lead, theirs: Lead, find: Find, stranger: User
) -> None:
    factories.contact(lead)
    optouts.learn(theirs.organization, factories.MOBILE, source=OptOut.Source.KEYWORD)
    assert find("has:opted_out") == []
    assert find("has:opted_out", stranger) == ["Theirs"]
    optouts.learn(lead.organization, factories.MOBILE, source=OptOut.Source.KEYWORD)
    assert find("has:opted_out") == ["Bluebird Bakery"]


def test_a_view_with_a_limit_counts_our_leads_only(lead: Lead, theirs: Lead, find: Find) -> None:
    assert theirs.pk > lead.pk
    SavedView.objects.create(
        organization=lead.organization,
        owner=lead.owner,
        model="lead",
        name="Newest",
        query="sort:-created limit:1",
    )
    assert find("in:Newest") == ["Bluebird Bakery"]

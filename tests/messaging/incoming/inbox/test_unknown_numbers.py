"""Texts of unknown numbers become a lead's, or are blocked."""

from http import HTTPStatus

import pytest
from django.test import Client

from leads.models import Lead
from messaging.models import OptOut, SmsMessage, Thread, UnmatchedText
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.html import html_of
from tests.messaging import calls
from tests.messaging.incoming.inbox.conftest import Listed

STRANGER = factories.OTHER_MOBILE


def test_a_lead_is_made_of_it(as_rep: Client, rep: User, unknown: Thread, listed: Listed) -> None:
    calls.text("Hello?", sid="SMin10", sender=STRANGER)
    assert listed(as_rep, "unassigned") == ["(415) 555-0199"]
    response = as_rep.post(f"/inbox/{unknown.pk}/lead/", {"name": "Corner Deli"}, follow=True)
    lead = Lead.objects.get()
    assert (lead.name, lead.owner) == ("Corner Deli", rep)
    assert response.context["thread"].lead == lead
    assert "Got your flyer" in html_of(as_rep.get(lead.get_absolute_url()))
    assert SmsMessage.objects.filter(lead=lead).count() == 2
    assert (listed(as_rep, "unassigned"), listed(as_rep)) == ([], ["Corner Deli"])
    # A second tab makes no second lead.
    as_rep.post(f"/inbox/{unknown.pk}/lead/", {"name": "Corner Deli"})
    assert Lead.objects.count() == 1


def test_it_is_attached_to_a_lead_that_a_search_finds(
    as_rep: Client, lead: Lead, unknown: Thread, listed: Listed
) -> None:
    page = f"/inbox/{unknown.pk}/attach/"
    assert "Add to <b>Blue</b>bird Bakery" in html_of(as_rep.get(f"{page}?q=blue"))
    as_rep.post(page, {"lead": lead.pk})
    assert [phone.phone for phone in lead.contacts.get().phones.all()] == [STRANGER]
    assert SmsMessage.objects.get().lead == lead
    assert listed(as_rep) == ["Bluebird Bakery"]


@pytest.mark.once
def test_it_is_never_attached_to_another_organizations_lead(
    as_rep: Client, unknown: Thread, stranger: User
) -> None:
    other = factories.lead(stranger)
    response = as_rep.post(f"/inbox/{unknown.pk}/attach/", {"lead": other.pk})
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert not other.contacts.exists()


@pytest.mark.parametrize("becomes_lead", [pytest.param(False, marks=pytest.mark.once), True])
def test_texts_of_a_blocked_number_are_kept_but_do_not_show(
    as_rep: Client, unknown: Thread, becomes_lead: bool, listed: Listed
) -> None:
    as_rep.post(f"/inbox/{unknown.pk}/move/", {"to": "blocked"})
    Organization.objects.update(unknown_senders_become_leads=becomes_lead)
    calls.text("Buy now", sid="SMin10", sender=STRANGER)
    calls.text("STOP", sid="SMin11", sender=STRANGER)
    assert (listed(as_rep, "all"), listed(as_rep, "blocked")) == ([], ["(415) 555-0199"])
    assert UnmatchedText.objects.count() == 3
    assert not Lead.objects.exists()
    assert OptOut.objects.get().recipient.phone == STRANGER
    assert "Buy now" in html_of(as_rep.get(unknown.get_absolute_url()))
    as_rep.post(f"/inbox/{unknown.pk}/move/", {"to": "waiting"})
    assert listed(as_rep, "all") == ["(415) 555-0199"]


@pytest.mark.once
def test_a_short_code_has_no_lead(as_rep: Client, organization: Organization) -> None:
    calls.text("Your code is 1234", sender="72975")
    thread = Thread.objects.get()
    html = html_of(as_rep.get(thread.get_absolute_url()))
    assert "You can't reply to a short code or a name." in html
    assert as_rep.post(f"/inbox/{thread.pk}/lead/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.once
def test_the_number_of_a_lead_cannot_be_blocked(as_rep: Client, thread: Thread) -> None:
    response = as_rep.post(f"/inbox/{thread.pk}/move/", {"to": "blocked"})
    assert response.status_code == HTTPStatus.BAD_REQUEST

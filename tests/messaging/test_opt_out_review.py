"""A person reads texts that may be opt-outs, and decides."""

import pytest
from django.test import Client

from leads.models import Lead
from messaging.incoming import events
from messaging.models import OptOut, SenderNumber
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.factories import MOBILE
from tests.messaging import calls


@pytest.fixture
def opt_out(organization: Organization, lead: Lead) -> OptOut:
    factories.sender(organization)
    factories.contact(lead)
    calls.text("Please take me off. Thanks!")
    events.process_waiting()
    return OptOut.objects.get()


def decide(client: Client, opt_out: OptOut, decision: str) -> str:
    url = f"/opt-outs/{opt_out.pk}/decide/"
    return client.post(url, {"decision": decision}, follow=True).content.decode()


def refusals(client: Client, lead: Lead) -> str:
    sender, to = SenderNumber.objects.get(), lead.contacts.get().phones.get()
    values = {"to": to.pk, "sender": sender.pk, "text": "Hello", "form_token": "0" * 32}
    return client.post(f"/leads/{lead.pk}/sms/check/", values).content.decode()


@pytest.mark.once
def test_the_list_shows_the_text_and_whose_it_is(
    as_rep: Client, as_stranger: Client, opt_out: OptOut, lead: Lead
) -> None:
    html = as_rep.get("/opt-outs/").content.decode()
    for shown in ("Please take me off. Thanks!", "(415) 555-0123", lead.get_absolute_url()):
        assert shown in html
    assert "take me off" not in as_stranger.get("/opt-outs/").content.decode()


@pytest.mark.once
def test_the_messages_page_links_to_it_with_the_number_waiting(
    as_rep: Client, as_stranger: Client, opt_out: OptOut
) -> None:
    assert "Opt-outs (1 to review)</a>" in as_rep.get("/messages/").content.decode()
    assert "Opt-outs</a>" in as_stranger.get("/messages/").content.decode()
    opt_out.decide(factories.user(opt_out.organization, "uma"), is_opt_out=False)
    assert "Opt-outs</a>" in as_rep.get("/messages/").content.decode()


@pytest.mark.once
def test_the_lead_page_links_to_the_list(as_rep: Client, opt_out: OptOut, lead: Lead) -> None:
    html = as_rep.get(lead.get_absolute_url()).content.decode()
    assert 'href="/opt-outs/">Review opt-outs</a>' in html


def test_an_opt_out_blocks_further_texts(
    as_rep: Client, rep: User, opt_out: OptOut, lead: Lead
) -> None:
    assert "Can't send" not in refusals(as_rep, lead).replace("&#x27;", "'")
    html = decide(as_rep, opt_out, "opt_out")
    assert "all caught up" in html
    assert f"{rep}, <time" in html
    opt_out.refresh_from_db()
    assert (opt_out.certain, opt_out.decided_by, opt_out.ended) == (True, rep, None)
    assert "Can't send" in refusals(as_rep, lead).replace("&#x27;", "'")


def test_what_is_no_opt_out_is_only_remembered(as_rep: Client, opt_out: OptOut, lead: Lead) -> None:
    html = decide(as_rep, opt_out, "not_opt_out")
    assert "Marked as not an opt-out." in html
    opt_out.refresh_from_db()
    assert (opt_out.certain, opt_out.ended_by) == (False, "Not an opt-out")
    assert "may have" not in refusals(as_rep, lead)
    assert "May have opted out" not in as_rep.get(lead.get_absolute_url()).content.decode()


def test_the_second_decision_changes_nothing(as_rep: Client, opt_out: OptOut) -> None:
    decide(as_rep, opt_out, "opt_out")
    html = decide(as_rep, opt_out, "not_opt_out")
    assert "Someone already decided about this text." in html
    opt_out.refresh_from_db()
    assert (opt_out.certain, opt_out.ended) == (True, None)


@pytest.mark.once
def test_a_certain_opt_out_cannot_be_decided_away(
    as_rep: Client, organization: Organization
) -> None:
    certain = OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD)
    decide(as_rep, certain, "not_opt_out")
    certain.refresh_from_db()
    assert certain.ended is None

"""Test that numbers are marked everywhere while they're whitelisted."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from messaging.composing.senders import sender_facts
from messaging.composing.senders.sender_facts import SenderFact
from messaging.models import Attempt, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import revoke
from tests import factories
from tests.html import html_of

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture
def text(lead: Lead, blocked: Callable[..., SmsMessage]) -> SmsMessage:
    factories.contact(lead)
    message = blocked()
    Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", state="failed"
    )
    return message


@pytest.fixture
def whitelisted(support_request: SupportRequest, text: SmsMessage, bring: Bring) -> SupportRequest:
    support_request.attach([text])
    bring(support_request, State.WHITELISTED)
    return support_request


MARK = ">whitelisted</span>"


def pages(client: Client, text: SmsMessage) -> tuple[str, str]:
    urls = (text.lead.get_absolute_url(), text.get_absolute_url())
    lead_page, message_page = (client.get(url).content.decode() for url in urls)
    return lead_page, message_page


def test_a_whitelisted_number_is_marked_on_lead_and_text_pages(
    as_rep: Client, whitelisted: SupportRequest, text: SmsMessage
) -> None:
    lead_page, message_page = pages(as_rep, text)
    assert "(whitelisted)</option>" in lead_page
    assert MARK in lead_page
    assert message_page.count(MARK) == 2


def test_a_whitelisted_number_is_marked_in_lists_and_forms(
    as_rep: Client, whitelisted: SupportRequest, lead: Lead
) -> None:
    factories.sender(lead.organization, phone="+12125550122", label="Van")
    for url, mark in [
        ("/requests/", MARK),
        (f"/help/whitelist/?sender={whitelisted.sender_id}", MARK),
        ("/help/whitelist/", "(whitelisted)</option>"),
    ]:
        assert as_rep.get(url).content.decode().count(mark) == 1, url


def test_a_whitelisted_number_is_marked_for_support(
    as_supporter: Client, whitelisted: SupportRequest
) -> None:
    as_supporter.post(reverse("list_columns"), {"model": "request", "columns": ["number"]})
    queue = as_supporter.get("/review/?state=all").content.decode()
    assert queue.count(MARK) == 1
    assert as_supporter.get(f"/review/{whitelisted.pk}/").content.decode().count(MARK) == 2


def test_a_whitelisted_number_is_marked_in_the_admin(
    as_staff: Client, whitelisted: SupportRequest, lead: Lead, stranger: User
) -> None:
    factories.sender(lead.organization, phone="+12125550122", label="Van")
    assert stranger.organization is not None
    other = factories.sender(stranger.organization, phone="+12125550111")
    for page, marks in [
        (reverse("admin:messaging_sendernumber_changelist"), 1),
        (reverse("admin:messaging_sendernumber_change", args=[whitelisted.sender_id]), 1),
        (reverse("admin:messaging_sendernumber_change", args=[other.pk]), 0),
        (reverse("admin:messaging_sendernumber_add"), 0),
    ]:
        assert as_staff.get(page).content.decode().count(MARK) == marks, page


def test_the_label_of_a_blocked_text_links_to_resending(
    as_rep: Client, support_request: SupportRequest, text: SmsMessage, bring: Bring
) -> None:
    support_request.attach([text])
    request_link = f'href="/help/whitelist/?message={text.pk}"'
    resend_form = f'action="/messages/{text.pk}/again/"'
    for page in pages(as_rep, text):
        assert (request_link in page, resend_form in page) == (True, False)
    bring(support_request, State.WHITELISTED)
    for page in pages(as_rep, text):
        assert (request_link in page, resend_form in page) == (False, True)


def _expire() -> None:
    now = timezone.now()
    Whitelisting.objects.update(granted=now - timedelta(days=2), expires=now - timedelta(seconds=1))


def _revoke() -> None:
    staff = User.objects.get(username="susan")
    revoke(Whitelisting.objects.get(), staff, "Complaints.")


@pytest.mark.parametrize("end", [_expire, _revoke])
def test_a_number_is_not_marked_after_the_whitelisting_ended(
    as_rep: Client, whitelisted: SupportRequest, text: SmsMessage, end: Callable[[], None]
) -> None:
    end()
    for page in pages(as_rep, text):
        assert "(whitelisted)" not in page
        assert MARK not in page


def test_other_organizations_numbers_are_not_marked(
    as_stranger: Client, whitelisted: SupportRequest, stranger: User
) -> None:
    theirs = factories.lead(stranger)
    factories.contact(theirs)
    assert stranger.organization is not None
    number = factories.sender(stranger.organization, phone="+12125550111")
    message = factories.message(theirs, sender=number)
    for page in pages(as_stranger, message):
        assert "whitelisted" not in page


def test_a_text_shows_the_state_of_its_request(
    as_rep: Client, support_request: SupportRequest, text: SmsMessage, bring: Bring
) -> None:
    support_request.attach([text])
    label = "Whitelist request: submitted</a>"
    assert label not in "".join(pages(as_rep, text))
    bring(support_request, State.SUBMITTED)
    for page in pages(as_rep, text):
        assert label in page
        assert f'href="{support_request.get_absolute_url()}"' in page


def test_a_request_is_in_the_activity_of_its_leads(
    as_rep: Client,
    support_request: SupportRequest,
    text: SmsMessage,
    bring: Bring,
    lead: Lead,
    rep: User,
) -> None:
    support_request.attach([text])
    other = factories.lead(rep, "Other lead")
    activity = f'id="request-{support_request.pk}"'
    assert activity not in pages(as_rep, text)[0]
    bring(support_request, State.SUBMITTED)
    assert activity in pages(as_rep, text)[0]
    assert activity not in as_rep.get(other.get_absolute_url()).content.decode()


def test_a_number_is_not_marked_after_moving_to_another_carrier(
    as_rep: Client, whitelisted: SupportRequest, text: SmsMessage
) -> None:
    """Test that a whitelisting only counts at its own carrier."""
    SenderNumber.objects.update(carrier="twilio")
    for page in pages(as_rep, text):
        assert "(whitelisted)" not in page
        assert MARK not in page
    again = reverse("request_resend", args=[whitelisted.pk])
    own = as_rep.get(whitelisted.get_absolute_url()).content.decode()
    assert again not in own
    assert "uses another carrier now" in own
    assert (
        "number isn&#x27;t whitelisted right now" in as_rep.get(again, follow=True).content.decode()
    )


@pytest.mark.parametrize(("state", "is_shown"), [(State.DRAFT, False), (State.SUBMITTED, True),
                         (State.SENT_TO_CARRIER, True), (State.REFUSED, False)])  # fmt: skip
def test_a_number_shows_a_pending_whitelist_request(
    as_rep: Client,
    support_request: SupportRequest,
    text: SmsMessage,
    bring: Bring,
    state: State,
    is_shown: bool,
) -> None:
    bring(support_request, state)
    lead_page, message_page = pages(as_rep, text)
    assert ("(whitelist request pending)</option>" in lead_page) is is_shown
    assert (">whitelist request pending</span>" in message_page) is is_shown
    assert (f"Request {support_request.pk}: {state.label.lower()}." in message_page) is is_shown


def test_the_form_links_to_a_colleagues_request_for_the_same_number(
    as_colleague: Client, support_request: SupportRequest, bring: Bring, colleague: User
) -> None:
    """Test that submitted requests come before the person's drafts."""
    for _ in range(3):
        factories.support_request(colleague, sender=support_request.sender)
    form = f"{reverse('whitelist_request')}?sender={support_request.sender_id}"
    link = f'<a href="{support_request.get_absolute_url()}">'
    notice = f"Your organization already has a request for this number: {link}"
    assert notice not in html_of(as_colleague.get(form))
    bring(support_request, State.SENT_TO_CARRIER)
    shown = html_of(as_colleague.get(form))
    assert notice in shown
    assert "sent to carrier" in shown
    move(support_request, State.REFUSED, User.objects.get(username="susan"), "No.")
    assert notice not in html_of(as_colleague.get(form))


def test_the_pages_of_sender_numbers_show_until_when(
    as_rep: Client, whitelisted: SupportRequest
) -> None:
    Whitelisting.objects.update(expires=timezone.now() + timedelta(days=30))
    assert whitelisted.sender is not None
    for url in (reverse("sender_list"), whitelisted.sender.get_absolute_url()):
        page = html_of(as_rep.get(url))
        assert MARK in page
        assert re.search(r"Since \w+ \d+, \d+, until \w+ \d+, \d+\.", page)


def test_the_pages_of_sender_numbers_show_a_former_carriers_whitelisting(
    as_rep: Client, whitelisted: SupportRequest, lead: Lead
) -> None:
    SenderNumber.objects.update(carrier="acme")
    page = html_of(as_rep.get(reverse("sender_list")))
    assert ">whitelisted at Sandbox</span>" in page
    assert "Doesn&#x27;t apply at acme." in page
    assert "whitelisted at" not in html_of(as_rep.get(lead.get_absolute_url()))


def test_two_whitelistings_of_a_number_are_one_badge(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [SenderFact("whitelisted", detail=each) for each in ("First", "Second")]
    monkeypatch.setattr(sender_facts, "sender_facts", [lambda _organizations: {7: found}])
    assert sender_facts.facts_of(1) == {7: found[:1]}

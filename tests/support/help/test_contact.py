"""Test the contact form for questions other than whitelisting, with prefilled details."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from tests import factories

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
URL = reverse("contact_support")
QUESTION = {"subject": "Fraud protection", "body": "Why was this text stopped?"}


@pytest.fixture
def stopped(lead: Lead) -> SmsMessage:
    message = factories.message(lead, status="error", reason=Reason.FRAUD_BLOCK, text="Hello Ada")
    Attempt.objects.create(
        organization=lead.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30450",
        carrier_words="Blocked <b>traffic</b>",
    )
    return message


def post(client: Client, url: str = URL, **changes: Any) -> Any:
    return client.post(url, QUESTION | {"form_token": str(uuid4())} | changes)


def test_a_question_is_sent_and_listed(as_rep: Client, rep: User, db: None) -> None:
    response = post(as_rep)
    support_request = SupportRequest.objects.get()
    assert response.headers["Location"] == support_request.get_absolute_url()
    assert (support_request.kind, support_request.state, support_request.created_by) == (
        "other",
        "submitted",
        rep,
    )
    text = as_rep.get(support_request.get_absolute_url()).content.decode()
    assert "<h1>Fraud protection</h1>" in text
    assert "Why was this text stopped?" in text
    assert "Support has your request" in text
    assert "No texts" not in text
    assert "Fraud protection" in as_rep.get(reverse("request_list")).content.decode()


def test_known_details_are_prefilled_and_submitted(as_rep: Client, stopped: SmsMessage) -> None:
    url = f"{URL}?message={stopped.pk}"
    response = as_rep.get(url)
    text = response.content.decode()
    for known in ("Bluebird Bakery", "Hello Ada", "(415) 555-0123", "30450", "Flagged as fraud"):
        assert known in text
    assert "<b>traffic</b>" not in text
    assert response.context["form"]["subject"].value() == (
        "Text to (415) 555-0123 failed: Flagged as fraud"
    )
    post(as_rep, url)
    support_request = SupportRequest.objects.get()
    assert list(support_request.messages.all()) == [stopped]
    assert "Hello Ada" in as_rep.get(support_request.get_absolute_url()).content.decode()


def test_questions_can_be_about_texts_that_did_not_fail(as_rep: Client, lead: Lead) -> None:
    message = factories.message(lead, status="inbox", direction="incoming", text="Who is this?")
    response = as_rep.get(URL, {"message": message.pk})
    assert "Who is this?" in response.content.decode()
    assert not response.context["form"]["subject"].value()


def test_a_second_click_does_not_create_a_second_request(as_rep: Client) -> None:
    token = str(uuid4())
    first, second = post(as_rep, form_token=token), post(as_rep, form_token=token)
    assert first.headers["Location"] == second.headers["Location"]
    assert SupportRequest.objects.count() == SupportRequestEvent.objects.count() == 1


def test_a_different_question_after_going_back_is_a_new_request(as_rep: Client) -> None:
    """Test the form after browser back, with the same token."""
    token = str(uuid4())
    post(as_rep, form_token=token)
    response = post(as_rep, form_token=token, body="And this one?")
    assert "And this one?" in as_rep.get(response.headers["Location"]).content.decode()
    assert SupportRequest.objects.count() == 2


def test_the_reply_is_shown(as_rep: Client, question: SupportRequest, bring: Bring) -> None:
    bring(question, State.ANSWERED)
    text = as_rep.get(question.get_absolute_url()).content.decode()
    assert "Support's answer" in text
    assert "<p>Because.</p>" in text
    assert "Withdraw" not in text


def test_the_requester_replies_to_a_follow_up_question(
    as_rep: Client, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.MORE_INFORMATION)
    text = as_rep.get(question.get_absolute_url()).content.decode()
    assert "Send reply" in text
    assert reverse("request_edit", args=[question.pk]) not in text
    as_rep.post(reverse("request_submit", args=[question.pk]), {"note": "On Monday."})
    assert SupportRequest.objects.get().state == State.SUBMITTED


def test_a_colleague_can_see_a_question_and_a_stranger_cannot(
    as_colleague: Client, as_stranger: Client, question: SupportRequest
) -> None:
    assert as_colleague.get(question.get_absolute_url()).status_code == 200
    assert as_stranger.get(question.get_absolute_url()).status_code == 404


def test_a_text_of_another_organization_cannot_be_attached(
    as_stranger: Client, stopped: SmsMessage
) -> None:
    url = f"{URL}?message={stopped.pk}"
    assert as_stranger.get(url).status_code == post(as_stranger, url).status_code == 404
    assert not SupportRequest.objects.exists()


@pytest.mark.parametrize("message", ["x", "0", "99999999999999999999"])
def test_an_invalid_message_id_returns_404(as_rep: Client, message: str) -> None:
    assert as_rep.get(URL, {"message": message}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", ""),
        ("subject", " "),
        ("subject", "x" * 201),
        ("body", ""),
        ("body", "x" * 10_001),
        ("body", "a\0b"),
        ("form_token", "x"),
    ],
)
def test_invalid_input_shows_an_error(as_rep: Client, name: str, value: str) -> None:
    response = post(as_rep, **{name: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    assert not SupportRequest.objects.exists()


def test_html_is_shown_as_text(as_rep: Client) -> None:
    probe = "<script>alert(1)</script>"
    post(as_rep, subject=probe, body=probe)
    support_request = SupportRequest.objects.get()
    for page in (support_request.get_absolute_url(), reverse("request_list")):
        assert probe not in as_rep.get(page).content.decode()


@pytest.mark.parametrize("address", ["", "help@sms.example"])
def test_visitors_see_a_sign_in_link_and_an_email_address(
    client: Client, settings: Settings, stopped: SmsMessage, address: str
) -> None:
    settings.SUPPORT_EMAIL = address
    response = client.get(URL, {"message": stopped.pk})
    text = response.content.decode()
    assert response.status_code == 200
    assert f"?next=%2Fhelp%2Fcontact%2F%3Fmessage%3D{stopped.pk}" in text
    assert ("mailto:help@sms.example" in text) is bool(address)
    assert "Hello Ada" not in text
    assert post(client).status_code == 200
    assert not SupportRequest.objects.exists()


def test_staff_get_links_to_their_pages(as_staff: Client) -> None:
    assert as_staff.get(URL).status_code == 403


def test_other_methods_are_rejected(as_rep: Client) -> None:
    assert as_rep.put(URL).status_code == 405

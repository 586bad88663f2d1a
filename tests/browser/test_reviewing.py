"""The support staff's pages in a real browser: by keyboard, and without axe violations."""

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SavedReply, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review.actions import add_note
from tests import factories
from tests.browser.axe import check
from tests.browser.conftest import SignIn
from tests.browser.settled import settle
from tests.support.conftest import DETAILS


@pytest.fixture
def support(db: None) -> User:
    person = factories.user(None, "sven", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="support"))
    return person


@pytest.fixture
def waiting(rep: User) -> SupportRequest:
    lead = factories.lead(rep, "Bluebird Bakery")
    text = factories.message(
        lead,
        status="error",
        reason="spam",
        text="Your estimate is ready",
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization,
        message=text,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        reason="spam",
        code="30007",
        carrier_words="Message filtered",
        carrier_id="SM0123456789",
    )
    support_request = SupportRequest.objects.create(
        organization=lead.organization, created_by=rep, sender=text.sender, **DETAILS
    )
    support_request.attach(SmsMessage.objects.all())
    factories.evidence(support_request, rep)
    move(support_request, State.SUBMITTED, rep)
    return support_request


def test_axe_finds_nothing(
    page: Page, sign_in: SignIn, support: User, rep: User, waiting: SupportRequest
) -> None:
    sign_in(page, support)
    case = f"/review/{waiting.pk}/"
    own = [
        "/profile/",
        "/shortcuts/",
        "/notifications/",
        "/review/replies/",
        "/review/replies/new/",
    ]
    check(page, ["/review/", "/review/?state=refused", case, *own])
    add_note(waiting, support, "A note")
    move(waiting, State.SENT_TO_CARRIER, support, ticket="T-1")
    move(waiting, State.WHITELISTED, support)
    check(page, [case])
    sign_in(page, rep)
    text = waiting.messages.get()
    request = waiting.get_absolute_url()
    lead = text.lead.get_absolute_url()
    check(page, [request, f"{request}again/", text.get_absolute_url(), lead])


def test_requests_are_answered_and_decided_by_keyboard(
    page: Page, sign_in: SignIn, support: User, waiting: SupportRequest, rep: User
) -> None:
    """A saved reply takes 3 keystrokes: "/", its first letter, and Enter."""
    SavedReply.objects.create(name="Full links", text="Hi {{ requester.name }}, use full links.")
    SavedReply.objects.create(name="Wait", text="Please wait.")
    question = SupportRequest.objects.create(
        organization=waiting.organization, created_by=rep, kind="other", subject="Hours", body="?"
    )
    move(question, State.SUBMITTED, rep)
    sign_in(page, support)
    page.get_by_role("button", name="Assign next to me").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{waiting.pk}/")
    expect(page.get_by_role("heading", name="Assigned to sven")).to_be_visible()

    page.get_by_label("What do you need to know?").focus()
    for key in ("/", "f", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("What do you need to know?")).to_have_value("Hi rita, use full links.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Info requested.", exact=True)).to_be_visible()
    waiting.refresh_from_db()
    assert waiting.open_question == "Hi rita, use full links."

    settle(page)
    page.keyboard.press("n")  # next in queue
    page.wait_for_url(f"**/review/{question.pk}/")
    answer = page.get_by_role("radio", name="Answer")
    expect(answer).to_be_checked()
    answer.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("We don't offer this.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Refused.", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Next in queue")).to_be_visible()


def test_an_empty_question_is_not_sent(
    page: Page, sign_in: SignIn, support: User, waiting: SupportRequest
) -> None:
    """The browser requires the question, and so does the server."""
    sign_in(page, support, f"/review/{waiting.pk}/")
    page.get_by_role("button", name="Ask the requester").click()
    assert page.get_by_label("What do you need to know?").evaluate(
        "field => field.matches(':invalid')"
    )
    waiting.refresh_from_db()
    assert waiting.state == "submitted"

"""The request form and the review queue work without a mouse, and the focus is always visible."""

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from messaging.models import SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Mail, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.keyboard import button, fill, link, press, tab_to
from tests.support.conftest import DETAILS
from tests.support.requests.test_uploads import image


@pytest.fixture
def blocked(rep: User) -> list[SmsMessage]:
    lead = factories.lead(rep, "Bluebird Bakery")
    sender, contact = factories.sender(lead.organization), factories.contact(lead)
    return [
        factories.message(
            lead, status="error", reason="spam", text=text, contact=contact, sender=sender
        )
        for text in ("Your estimate is ready", "Your van is there", "Free money")
    ]


@pytest.fixture
def waiting(rep: User, blocked: list[SmsMessage]) -> SupportRequest:
    support_request = SupportRequest.objects.create(
        organization=blocked[0].organization, created_by=rep, sender=blocked[0].sender, **DETAILS
    )
    support_request.attach(blocked)
    move(support_request, State.SUBMITTED, rep)
    return support_request


@pytest.fixture
def newer_requests(waiting: SupportRequest) -> None:
    """Fill more than one page of the queue with newer requests."""
    SupportRequest.objects.bulk_create(
        SupportRequest(
            organization=waiting.organization,
            kind="other",
            state="submitted",
            submitted=timezone.now(),
            subject=f"Question {number}",
            body="?",
        )
        for number in range(60)
    )


def notice(page: Page, text: str) -> Locator:
    return page.get_by_role("status").get_by_text(text, exact=True)


def test_the_whole_form_works_by_keyboard(
    page: Page, sign_in: SignIn, rep: User, blocked: list[SmsMessage], tmp_path: Path
) -> None:
    sign_in(page, rep, blocked[0].lead.get_absolute_url())
    press(page.get_by_role("button", name="error: Flagged as spam").first)
    press(page.get_by_role("dialog").get_by_role("link", name="Request whitelisting"))
    page.wait_for_url("**/help/whitelist/**")

    fill(page.get_by_label("Website address"), "acme.example")
    fill(page.get_by_label("Type of content"), "Answers to inquiries")
    press(page.get_by_role("checkbox", name="Free money"), "Space")
    fill(page.get_by_label("Examples of message content"), "Your estimate is ready")
    press(page.get_by_role("radio", name="Yes"), "Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    fill(page.get_by_label("Relationship between you and the recipient"), "They asked us.")
    press(page.locator("summary", has_text="Supporting details"))
    fill(page.get_by_label("How they opted in", exact=True), "A form")
    tab_to(page.get_by_label("When they opted in"))
    page.keyboard.type("11022026")
    fill(page.get_by_label("What they agreed to"), "Text me")
    fill(page.get_by_label("Page where they opted in"), "acme.example/quote")
    fill(page.get_by_label("How your texts explain opting out"), "Reply STOP")
    fill(page.get_by_label("Texts per month"), "500")
    (file := tmp_path / "our form.png").write_bytes(image())
    with page.expect_file_chooser() as chooser:
        press(page.get_by_label("Proof of opt-in"))
    chooser.value.set_files(file)
    press(button(page, "Review request"))

    expect(link(page, "our form.png")).to_be_visible()
    press(link(page, "Edit draft"))
    page.wait_for_url("**/edit/")
    fill(page.get_by_label("Texts per month"), "600")
    press(button(page, "Review request"))
    page.wait_for_url(lambda url: "edit" not in url)
    press(button(page, "Remove our form.png"))
    expect(notice(page, "our form.png removed.")).to_be_focused()
    press(button(page, "Submit request"))
    expect(notice(page, "Request submitted. Support will review it.")).to_be_focused()
    support_request = SupportRequest.objects.get()
    assert {text.text for text in support_request.messages.all()} == {
        "Your estimate is ready",
        "Your van is there",
    }
    assert str(support_request.opt_in_date) == "2026-11-02"
    assert (support_request.opted_in, support_request.volume, support_request.opt_out_wording) == (
        "yes",
        600,
        "Reply STOP",
    )
    assert not support_request.evidence.exists()


def test_a_form_error_gets_the_focus(
    page: Page, sign_in: SignIn, rep: User, blocked: list[SmsMessage]
) -> None:
    sign_in(page, rep, f"/help/whitelist/?message={blocked[0].pk}")
    page.locator("form[enctype]").evaluate("form => form.noValidate = true")
    fill(page.get_by_label("Website address"), "acme.example")
    press(button(page, "Review request"))
    expect(page.get_by_label("Type of content")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("Enter the type of content.")


def test_the_queue_works_by_keyboard(
    page: Page, sign_in: SignIn, supporter: User, waiting: SupportRequest, newer_requests: None
) -> None:
    sign_in(page, supporter)
    rows = page.locator("#results tbody tr")
    press(button(page, "Status: Open"))
    press(page.get_by_role("dialog", name="Status").get_by_role("link", name="Submitted"))
    expect(page).to_have_url(re.compile("state%3Asubmitted"))
    expect(button(page, "Status: Submitted")).to_be_focused()
    press(link(page, "Submitted"))
    expect(rows.first).to_contain_text("Question")
    expect(link(page, "Submitted")).to_be_focused()
    press(link(page, "Next"))
    region = page.get_by_role("region", name="Requests")
    expect(region).to_be_focused()
    assert region.evaluate("it => getComputedStyle(it).outlineStyle") == "none"
    page.keyboard.press("/")
    page.keyboard.type(" kind:whitelist")
    page.keyboard.press("Enter")
    press(link(page, "(212) 555-0100 · flagged as spam"))
    page.wait_for_url(f"**/review/{waiting.pk}/?*")
    press(link(page, "Review queue"))
    page.wait_for_url("**/review/?*")
    press(button(page, "Assign next to me"))
    page.wait_for_url(f"**/review/{waiting.pk}/")
    expect(notice(page, "Assigned to you.")).to_be_focused()


def test_a_case_works_by_keyboard(
    page: Page,
    sign_in: SignIn,
    supporter: User,
    rep: User,
    waiting: SupportRequest,
    settings: Settings,
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": "filter@carrier.example"}
    sign_in(page, supporter, f"/review/{waiting.pk}/")
    press(button(page, "Assign to me"))
    expect(notice(page, "Assigned to sven.")).to_be_focused()
    fill(page.get_by_label("Add a note", exact=True), "Looks right")
    press(button(page, "Add note"))
    expect(notice(page, "Note added.")).to_be_focused()
    press(link(page, "Skip to the next step"))
    fill(page.get_by_label("What do you need to know?"), "Which page?")
    press(button(page, "Ask the requester"))
    expect(notice(page, "Info requested.")).to_be_focused()

    waiting.refresh_from_db()
    move(waiting, State.SUBMITTED, rep, "The quote page.")
    page.reload()
    with page.expect_download():
        press(link(page, "PDF"))
    fill(page.get_by_label("Subject"), "Please whitelist")
    press(button(page, "Email filter@carrier.example"))
    expect(notice(page, "Sending the email to filter@carrier.example.")).to_be_focused()
    assert Mail.objects.filter(subject="Please whitelist").exists()

    press(link(page, "Skip to the next step"))
    tab_to(page.get_by_role("radio", name="Ask"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="To carrier")).to_be_checked()
    fill(page.get_by_label("Carrier ticket number"), "T-77")
    page.keyboard.press("Enter")
    expect(notice(page, "Sent to carrier.")).to_be_focused()
    press(link(page, "Skip to the next step"))
    tab_to(page.get_by_role("radio", name="Ask"))
    page.keyboard.press("ArrowRight")
    tab_to(page.get_by_label("Expires (optional)"))
    page.keyboard.type("11242030")
    press(button(page, "Mark as whitelisted"))
    expect(notice(page, "Whitelisted.")).to_be_focused()
    fill(page.get_by_label("Reason (the requester sees it)"), "Complaints")
    press(button(page, "Revoke whitelisting"))
    expect(notice(page, "Whitelisting revoked. The requester will be notified.")).to_be_focused()
    press(link(page, "Review queue"))
    page.wait_for_url("**/review/")


def test_a_reply_and_a_resend_work_by_keyboard(
    page: Page, sign_in: SignIn, supporter: User, rep: User, waiting: SupportRequest
) -> None:
    move(waiting, State.MORE_INFORMATION, supporter, "Which page?")
    sign_in(page, rep, waiting.get_absolute_url())
    fill(page.get_by_label("Your reply"), "The quote page.")
    press(button(page, "Send reply"))
    expect(notice(page, "Request submitted. Support will review it.")).to_be_focused()

    waiting.refresh_from_db()
    move(waiting, State.SENT_TO_CARRIER, supporter)
    move(waiting, State.WHITELISTED, supporter)
    page.reload()
    press(link(page, "Resend blocked texts"))
    page.wait_for_url("**/resend/")
    press(page.get_by_role("checkbox", name="Free money"), "Space")
    press(button(page, "Resend texts"))
    expect(notice(page, "Resending 2 texts.")).to_be_focused()

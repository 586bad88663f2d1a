"""From a text that was taken for spam to a request that is sent, and other ways to get help."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from messaging.models import SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Feedback, SupportRequest
from tests import factories
from tests.browser.conftest import SignIn
from tests.support.requests.test_uploads import image


@pytest.fixture
def blocked(rep: User) -> SmsMessage:
    lead = factories.lead(rep, "Bluebird Bakery")
    return factories.message(
        lead,
        status="error",
        reason="spam",
        text="Your estimate is ready: bit.ly/acme",
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )


def type_in(page: Page, label: str, text: str) -> None:
    """Press Tab until the field has the focus, then type."""
    field = page.get_by_label(label, exact=True).first
    for _ in range(20):
        if field.evaluate("field => field === document.activeElement"):
            page.keyboard.insert_text(text)
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {label}")


def test_a_request_is_created_and_submitted_by_keyboard(
    page: Page, sign_in: SignIn, rep: User, blocked: SmsMessage
) -> None:
    sign_in(page, rep, blocked.lead.get_absolute_url())
    page.get_by_role("button", name="error").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Request whitelisting")).to_be_visible()
    page.get_by_role("link", name="Request whitelisting").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/help/whitelist/**")

    expect(page.get_by_label("Examples of message content")).to_have_value(blocked.text)
    expect(page.get_by_role("checkbox", name="Your estimate is ready")).to_be_checked()
    type_in(page, "Website address", "acme.example")
    type_in(page, "Type of content", "Answers to inquiries")
    page.get_by_role("radio", name="Yes").focus()
    page.keyboard.press("Space")
    type_in(page, "Relationship between you and the recipient", "They asked for an estimate.")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Not submitted yet.")).to_be_visible()
    expect(page.get_by_text("Carriers block shortened links")).to_be_visible()
    page.get_by_role("button", name="Submit request").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Support has your request")).to_be_visible()
    assert list(SupportRequest.objects.get().messages.all()) == [blocked]


def test_a_draft_is_saved_automatically(
    page: Page, sign_in: SignIn, rep: User, blocked: SmsMessage
) -> None:
    sign_in(page, rep, f"/help/whitelist/?message={blocked.pk}")
    page.get_by_label("Website address").press_sequentially("acme.example")
    expect(page.get_by_text("Draft saved at")).to_be_visible()
    page.get_by_label("Type of content").fill("Answers")
    page.get_by_role("radio", name="No", exact=True).check()
    expect(page.get_by_text("The recipient didn't opt in.")).to_be_visible()

    page.goto("/requests/")
    page.get_by_role("rowheader").get_by_role("link").click()
    page.get_by_role("link", name="Edit draft").click()

    expect(page.get_by_label("Website address")).to_have_value("https://acme.example")
    expect(page.get_by_label("Type of content")).to_have_value("Answers")
    assert SupportRequest.objects.count() == 1


def test_a_screenshot_is_attached(
    page: Page, sign_in: SignIn, rep: User, blocked: SmsMessage, tmp_path: Path
) -> None:
    screenshot = tmp_path / "our form.png"
    screenshot.write_bytes(image())
    sign_in(page, rep, f"/help/whitelist/?message={blocked.pk}")
    page.get_by_text("Supporting details").click()
    page.get_by_label("Proof of opt-in").set_input_files(screenshot)
    expect(page.get_by_text("Draft saved at")).to_be_visible()
    assert not SupportRequest.objects.get().evidence.exists()
    page.get_by_role("button", name="Save as draft").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="our form.png").click()
    assert download.value.suggested_filename == "our form.png"
    page.get_by_role("button", name="Remove our form.png").click()
    expect(page.get_by_role("link", name="our form.png")).to_have_count(0)


def test_the_whole_form_works_without_javascript(
    new_page: Callable[..., Page], sign_in: SignIn, rep: User, blocked: SmsMessage
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, rep, f"/help/whitelist/?message={blocked.pk}")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.get_by_role("button", name="Submit request").click()
    expect(page.get_by_text("Still missing: website address")).to_be_visible()


def test_a_request_starts_from_the_label(
    page: Page, sign_in: SignIn, rep: User, blocked: SmsMessage
) -> None:
    sign_in(page, rep, blocked.lead.get_absolute_url())
    page.get_by_role("button", name="error").click()
    page.get_by_role("link", name="Contact support").click()
    expect(page.get_by_label("Subject")).to_have_value(
        "Text to (415) 555-0123 failed: Flagged as spam"
    )
    page.get_by_label("What can we help with?").fill("Is it my wording?")
    page.get_by_role("button", name="Send to support").click()
    expect(page.get_by_text("Support has your request")).to_be_visible()
    expect(page.get_by_text("Is it my wording?")).to_be_visible()


def test_a_reader_reports_that_an_article_did_not_help(page: Page, db: None) -> None:
    page.goto("/help/spam/")
    page.get_by_label("Comments").fill("How long does it take?")
    page.get_by_role("button", name="No").click()
    expect(page.get_by_role("heading", name="Thanks for your feedback")).to_be_visible()
    feedback = Feedback.objects.get()
    assert (feedback.helpful, feedback.comment) == (False, "How long does it take?")

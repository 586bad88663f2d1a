"""axe finds nothing to complain about on any page, light and dark, wide and narrow."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from leads.models import Lead, Note
from messaging.models import Attempt, Recipient, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Request
from smscenter.support.states import State
from tests import factories

SignIn = Callable[[Page, User], None]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def failed(rep: User) -> SmsMessage:
    """A lead with everything that a page can show."""
    lead = factories.lead(rep, "Bluebird Bakery")
    contact = factories.contact(lead)
    factories.contact(lead, "+18765550123", "Jo Jamaica")
    Recipient.objects.create(
        organization=lead.organization, phone=factories.MOBILE, capability="not_sms_capable"
    )
    Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="A note")
    factories.message(lead, status="inbox", direction="incoming", text="Yes?")
    for status in ("sent", "outbox", "scheduled", "draft"):
        factories.message(lead, status=status)
    message = factories.message(
        lead,
        status="error",
        reason="unreachable",
        contact=contact,
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30003",
        carrier_words="Unreachable",
    )
    return message


@pytest.fixture
def asked(failed: SmsMessage, rep: User) -> Request:
    """A request that support has a question about, with a file, and a draft of another."""
    details = {
        "organization": failed.organization,
        "created_by": rep,
        "sender": failed.sender,
        "website": "https://acme.example",
        "content_type": "Answers to enquiries",
        "examples": "Hi Ada, see bit.ly/acme",
        "opted_in": "yes",
        "relationship": "They filled in our form.",
        "volume": 500,
    }
    Request.objects.create(**details)
    asked = Request.objects.create(**details)
    asked.attach([failed])
    factories.evidence(asked, rep)
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    asked.move(State.SUBMITTED, rep)
    asked.move(State.MORE_INFORMATION, staff, "How did they opt in?")
    return asked


def complaints(page: Page) -> str:
    """Of the page as it is once all that it asked htmx for is there, and in its place."""
    expect(page.locator(".htmx-request, .htmx-added, .htmx-settling")).to_have_count(0)
    results = Axe().run(page)
    return results.generate_report() if results.violations_count else ""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    new_page: Callable[..., Page],
    sign_in: SignIn,
    rep: User,
    failed: SmsMessage,
    asked: Request,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = new_page(color_scheme=scheme, viewport=viewport)
    for path in ["/sign-in/", "/help/contact/", "/help/whitelist/"]:
        page.goto(path)
        assert not complaints(page), path
    sign_in(page, rep)
    lead: Lead = failed.lead
    contact = failed.contact
    assert contact is not None
    for path in [
        "/leads/",
        "/leads/?q=nothing+status:new",
        "/leads/?q=statsu:open",
        "/leads/?q=failed_sms>0",
        "/messages/",
        "/views/",
        "/views/new/",
        "/leads/new/",
        f"/leads/{lead.pk}/",
        f"/leads/{lead.pk}/edit/",
        f"/contacts/{contact.pk}/edit/",
        f"/messages/{failed.pk}/",
        "/help/",
        "/help/unreachable/",
        "/help/how-to-find-failed-texts/",
        f"/help/contact/?message={failed.pk}",
        f"/help/whitelist/?message={failed.pk}",
        "/requests/",
        f"/requests/{asked.pk}/",
        f"/requests/{asked.pk}/edit/",
        "/nothing/",
    ]:
        page.goto(path, wait_until="load")
        assert not complaints(page), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(
    new_page: Callable[..., Page], sign_in: SignIn, rep: User, failed: SmsMessage, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, viewport=WIDE)
    sign_in(page, rep)
    page.goto(failed.lead.get_absolute_url())

    page.get_by_role("link", name="Edit Ada Baker").click()
    page.get_by_role("button", name="Save contact").wait_for()
    page.get_by_role("link", name="Edit the details").click()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    page.get_by_text("Write a note", exact=True).click()
    assert not complaints(page)

    page.get_by_role("button", name="error").click()
    assert not complaints(page)


def test_the_label_is_read_without_colour_and_opened_by_keyboard(
    new_page: Callable[..., Page], sign_in: SignIn, rep: User, failed: SmsMessage
) -> None:
    page = new_page(forced_colors="active", viewport=WIDE)
    sign_in(page, rep)
    page.goto(failed.lead.get_absolute_url())
    label = page.get_by_role("button", name="error: Unknown. Why, and what to do")

    label.focus()
    page.keyboard.press("Enter")

    assert label.inner_text().strip() == "error"
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[popover]') !== null")

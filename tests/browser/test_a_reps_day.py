"""A rep's daily work in a real browser, with a real worker and the sandbox carrier."""

import threading
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from leads.models import Lead, Note
from messaging import carriers
from messaging.carriers import Accepted, OutgoingSms
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

GOOD, LANDLINE, JAMAICA = "+14155550123", "+15005550106", "+18765550123"
UNREACHABLE = "+15005550103"


@pytest.fixture
def bakery(rep: User) -> Lead:
    lead = factories.lead(rep, "Bluebird Bakery")
    for name, phone in [
        ("Ada Good", GOOD),
        ("Lou Landline", LANDLINE),
        ("Jo Jamaica", JAMAICA),
        ("Uma Unreachable", UNREACHABLE),
    ]:
        factories.contact(lead, phone, name)
    return lead


@pytest.fixture
def failed(bakery: Lead) -> SmsMessage:
    message = factories.message(
        bakery,
        status="error",
        reason="spam",
        text="Act now!",
        contact=bakery.contacts.first(),
        sender=factories.sender(bakery.organization),
    )
    Attempt.objects.create(
        organization=bakery.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30007",
        carrier_words="Message filtered",
        reason="spam",
    )
    return message


def newest(page: Page) -> Locator:
    return page.locator("#timeline > li").first


def send(page: Page, to: str, text: str) -> None:
    page.get_by_label("To", exact=True).select_option(label=to)
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_a_rep_finds_a_failed_text_and_its_reason(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage
) -> None:
    factories.lead(rep, "Quiet Quarry")
    sign_in(page, rep)

    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Has failed texts").click()
    expect(page.get_by_role("status").filter(has_text="1 lead")).to_be_visible()
    expect(page.get_by_text("Quiet Quarry")).to_have_count(0)
    page.get_by_role("link", name="error", exact=True).click()

    label = page.get_by_role("button", name="error: Flagged as spam")
    expect(label).to_be_visible()
    settle(page)  # the browser takes the focus to the text in the page's address
    label.click()
    explanation = page.get_by_role("dialog", name="Flagged as spam")
    expect(explanation).to_contain_text("Sandbox said: Message filtered (code 30007)")
    expect(explanation.get_by_role("link", name="Request whitelisting")).to_be_visible()

    page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(label).to_be_focused()
    label.click()
    explanation.get_by_role("link", name="Help", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flagged as spam")


def test_a_rep_sends_a_text_and_sees_its_status_change(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead, sandbox: SandboxServer
) -> None:
    factories.sender(bakery.organization)
    sign_in(page, rep)
    page.get_by_role("link", name="Bluebird Bakery", exact=True).click()

    send(page, "Ada Good, (415) 555-0123", "Does 9 o'clock suit you?")
    expect(page.locator("#timeline").get_by_text("Reported as delivered")).to_be_visible()
    expect(page.locator(".bubble.incoming")).to_be_visible()
    assert SmsMessage.objects.filter(direction="incoming").count() == 1

    send(page, "Lou Landline, (500) 555-0106", "Hello Lou")
    label = newest(page).get_by_role("button", name="error: Landline")
    label.click()
    explanation = page.get_by_role("dialog")
    expect(explanation).to_contain_text("Landline or unreachable carrier")
    expect(explanation.get_by_label("New number")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#contacts")).to_contain_text("Landline")
    expect(page.locator("#summary")).to_contain_text("1 failed")


def test_a_rep_resends_a_text(
    page: Page,
    sign_in: SignIn,
    rep: User,
    bakery: Lead,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.sender(bakery.organization)
    sign_in(page, rep, bakery.get_absolute_url())
    send(page, "Uma Unreachable, (500) 555-0103", "Are you there")

    newest(page).get_by_role("button", name="error").click()
    carrier, is_seen = carriers.get("sandbox"), threading.Event()
    send_at_once = carrier.send

    def send_once_seen(sms: OutgoingSms) -> Accepted:
        is_seen.wait(60)
        return send_at_once(sms)

    monkeypatch.setattr(carrier, "send", send_once_seen)
    page.get_by_role("dialog").get_by_role("button", name="Retry now").click()
    expect(newest(page)).to_contain_text("sending")
    is_seen.set()
    expect(newest(page).get_by_role("button", name="error")).to_be_visible()

    message = SmsMessage.objects.get()
    assert message.attempts.count() >= 2
    assert len(sandbox.messages) == 2


def test_going_back_shows_what_changed_meanwhile(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage
) -> None:
    lead = failed.lead
    note = Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="?")
    sign_in(page, rep, failed.lead.get_absolute_url())
    page.locator("#timeline").get_by_role("link", name="Edit").click()
    page.locator("#timeline").get_by_label("Note").fill("Half a sentence")
    SmsMessage.objects.update(status="sent", reason="")
    Note.objects.filter(pk=note.pk).update(updated=timezone.now())

    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#timeline .label.sent")).to_be_visible()
    expect(page.get_by_role("button", name="error")).to_have_count(0)
    expect(page.locator("#timeline").get_by_label("Note")).to_have_value("Half a sentence")


def test_no_update_is_missed_while_another_is_loading(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    def respond_late(route: Route) -> None:
        response = route.fetch()
        factories.message(bakery, text="Meanwhile")
        route.fulfill(response=response)

    sign_in(page, rep, bakery.get_absolute_url())
    page.route("**/news/**", respond_late, times=1)
    page.evaluate(
        """() => {
          const reload = () => htmx.trigger(document.body, "timeline-changed");
          document.addEventListener("htmx:afterSwap", function shown({ detail }) {
            if (detail.pathInfo.requestPath.includes("/news/")) {
              document.removeEventListener("htmx:afterSwap", shown);
              setTimeout(reload);
            }
          });
          reload();
        }"""
    )
    expect(page.locator("#timeline")).to_contain_text("Meanwhile")


def test_a_rep_resends_from_the_texts_page(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage, sandbox: SandboxServer
) -> None:
    SmsMessage.objects.update(reason="unreachable", text="Good morning")
    sign_in(page, rep, failed.get_absolute_url())
    page.get_by_role("button", name="Resend").click()
    expect(newest(page)).to_contain_text("Reported as delivered")


def test_the_error_for_a_jamaican_number_names_the_country(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    factories.sender(bakery.organization)
    sign_in(page, rep, bakery.get_absolute_url())

    page.get_by_label("To", exact=True).select_option(label="Jo Jamaica, (876) 555-0123")
    page.get_by_label("Text", exact=True).fill("Hello")
    refusal = "Can't send: this number is in Jamaica, +1 876."
    expect(page.locator("#check")).to_contain_text(refusal)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    assert not SmsMessage.objects.exists()


def test_the_composer_counts_while_typing(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    factories.sender(bakery.organization)
    sign_in(page, rep, bakery.get_absolute_url())

    page.get_by_label("Text", exact=True).press_sequentially("Hello")
    expect(page.locator("#check")).to_contain_text("1 segment · 155 characters left")
    page.get_by_label("Text", exact=True).fill("Привет " * 11)
    expect(page.locator("#check")).to_contain_text("2 segments")
    expect(page.locator("#check")).to_contain_text("UCS-2")


def test_contacts_and_notes_are_edited_in_place(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    factories.sender(bakery.organization)
    sign_in(page, rep, bakery.get_absolute_url())
    page.get_by_label("Text", exact=True).fill("Half a sentence")

    page.get_by_role("link", name="Add a contact").click()
    contacts = page.locator("#contacts")
    expect(contacts.get_by_label("Name")).to_be_focused()
    contacts.get_by_label("Name").fill("New Nora")
    contacts.get_by_label("Phone").fill("416 555 0144")
    contacts.get_by_role("button", name="Save contact").click()

    expect(contacts).to_contain_text("(416) 555-0144")
    expect(contacts).to_contain_text("Canada")
    expect(page.get_by_label("To", exact=True)).to_contain_text("New Nora")
    expect(page.get_by_label("Text", exact=True)).to_have_value("Half a sentence")

    page.get_by_text("Write a note", exact=True).click()
    page.get_by_label("Note").fill("Prefers mornings")
    page.get_by_role("button", name="Save note").click()
    expect(newest(page)).to_contain_text("Prefers mornings")


def test_the_lead_page_works_without_javascript(
    new_page: Callable[..., Page],
    sign_in: SignIn,
    rep: User,
    failed: SmsMessage,
    sandbox: SandboxServer,
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, rep)

    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Has failed texts").click()
    page.get_by_role("link", name="Bluebird Bakery", exact=True).click()
    page.get_by_role("button", name="error: Flagged as spam").click()
    expect(page.get_by_role("dialog", name="Flagged as spam")).to_be_visible()
    page.get_by_role("button", name="Close").click()

    send(page, "Ada Good, (415) 555-0123", "Good morning")
    expect(newest(page)).to_contain_text("Good morning")


def test_a_long_timeline_loads_more_on_scroll(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    for number in range(70):
        factories.message(bakery, text=f"Text {number:02}")
    sign_in(page, rep, bakery.get_absolute_url())
    for shown in (30, 60):
        expect(page.locator("#timeline > li.activity")).to_have_count(shown)
        page.locator("#timeline > li").last.scroll_into_view_if_needed()

    expect(page.get_by_text("Text 00")).to_be_attached()
    expect(page.locator("#timeline > li.activity")).to_have_count(70)

"""The Send button is disabled while the composer shows why a text can't be sent."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from leads.models import Lead
from messaging.models import MessageTemplate, OptOut, Recipient, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle


@pytest.fixture
def bakery(rep: User) -> Lead:
    """Return a lead with two contacts. Otto opted out, and Fay did not."""
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.sender(lead.organization)
    factories.contact(lead, "+14155550124", "Otto")
    factories.contact(lead, "+14155550123", "Fay")
    recipient = Recipient.objects.create(organization=lead.organization, phone="+14155550124")
    OptOut.objects.create(organization=lead.organization, recipient=recipient, source="staff")
    return lead


@pytest.fixture
def composer(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> Page:
    sign_in(page, rep, bakery.get_absolute_url())
    return page


def send(page: Page) -> Locator:
    return page.get_by_role("button", name="Send", exact=True)


def choose(page: Page, name: str) -> None:
    number = {"Otto": "0124", "Fay": "0123"}[name]
    page.get_by_label("To", exact=True).select_option(label=f"{name}, (415) 555-{number}")


def test_send_is_disabled_while_the_text_is_refused(composer: Page) -> None:
    page, text = composer, composer.get_by_label("Text", exact=True)
    expect(page.get_by_label("To", exact=True).locator("option:checked")).to_contain_text("Fay")
    expect(send(page)).to_be_enabled()
    choose(page, "Otto")
    expect(page.get_by_text("Can't send:")).to_be_visible()
    expect(send(page)).to_be_disabled()

    text.fill("Hello")
    text.press("Control+Enter")
    page.wait_for_timeout(600)
    assert not SmsMessage.objects.exists()
    expect(send(page)).to_be_disabled()

    choose(page, "Fay")
    expect(page.get_by_text("Can't send:")).to_have_count(0)
    expect(send(page)).to_be_enabled()
    text.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Hello")


def test_send_is_disabled_when_the_page_opens_with_an_error(
    composer: Page, bakery: Lead, rep: User
) -> None:
    page = composer
    message = factories.message(
        bakery, status="error", reason="opted_out", remote_phone="+14155550124"
    )
    page.goto(f"{bakery.get_absolute_url()}?resend={message.pk}")
    expect(page.get_by_text("Can't send:")).to_be_visible()
    expect(send(page)).to_be_disabled()


def test_send_is_enabled_when_the_check_fails(composer: Page) -> None:
    page = composer
    choose(page, "Otto")
    expect(send(page)).to_be_disabled()

    page.route("**/sms/check/", lambda route: route.fulfill(status=404))
    page.get_by_label("Text", exact=True).fill("Hello")
    expect(send(page)).to_be_enabled()
    with page.expect_response("**/sms/replying/"):
        page.evaluate("document.body.dispatchEvent(new Event('views-changed'))")
    settle(page)
    expect(send(page)).to_be_enabled()
    send(page).click()
    expect(send(page)).to_be_disabled()
    expect(page.get_by_text("Can't send:")).to_be_visible()
    assert not SmsMessage.objects.exists()


def test_send_is_enabled_when_the_check_times_out(composer: Page) -> None:
    page = composer
    choose(page, "Otto")
    expect(send(page)).to_be_disabled()
    page.route("**/sms/check/", lambda _: None)
    choose(page, "Fay")
    expect(send(page)).to_be_enabled()  # after five seconds
    page.get_by_label("Text", exact=True).fill("Hello")
    send(page).click()
    expect(page.locator("#timeline")).to_contain_text("Hello")


def test_send_works_without_javascript(
    new_page: Callable[..., Page], sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, rep)
    message = factories.message(
        bakery, status="error", reason="opted_out", remote_phone="+14155550124"
    )
    page.goto(f"{bakery.get_absolute_url()}?resend={message.pk}")
    expect(page.get_by_text("Can't send:")).to_be_visible()
    choose(page, "Fay")
    send(page).click()
    expect(page.locator("#timeline")).to_contain_text("Hello")
    assert SmsMessage.objects.filter(status="outbox", remote_phone="+14155550123").exists()


def test_send_can_be_undone_by_keyboard(composer: Page, settings: Settings) -> None:
    settings.SEND_UNDO_SECONDS = 60
    page, text = composer, composer.get_by_label("Text", exact=True)
    text.fill("Hello")
    text.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Hello")
    undo = page.get_by_role("button", name="Undo sending this text")
    undo.focus()
    undo.press("Enter")
    expect(text).to_have_value("Hello")
    expect(page.get_by_text("Text not sent.")).to_be_visible()
    expect(page.locator("#timeline")).not_to_contain_text("Hello")
    assert not SmsMessage.objects.exists()


def test_undo_disappears_when_its_time_is_up(
    own_page: Page, sign_in: SignIn, rep: User, bakery: Lead, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 60
    page, text = own_page, own_page.get_by_label("Text", exact=True)
    page.clock.install()
    sign_in(page, rep, bakery.get_absolute_url())
    text.fill("Hello")
    text.press("Control+Enter")
    undo = page.get_by_role("button", name="Undo sending this text")
    expect(undo).to_be_visible()
    settle(page)  # its time begins then
    undo.focus()
    page.clock.fast_forward(60_000)
    expect(undo).to_have_count(0)
    expect(text).to_be_focused()


def test_send_stays_under_the_pointer(composer: Page) -> None:
    """A press focuses Send. If that opened the composer, the release would hit something else."""
    text = composer.get_by_label("Text", exact=True)
    text.evaluate("(field) => { field.value = 'Typed before the scripts ran'; }")
    send(composer).click()
    expect(text).to_have_value("")
    assert SmsMessage.objects.get().text == "Typed before the scripts ran"


def test_a_template_is_inserted_by_keyboard(composer: Page, bakery: Lead) -> None:
    own = {"organization": bakery.organization}
    for name in ("Follow-up", "First contact", "Survey"):
        words = f"{name} for {{{{ contact.first_name|there }}}}"
        MessageTemplate.objects.create(**own, name=name, text=words)
    page = composer
    page.reload()
    text = page.get_by_label("Text", exact=True)
    options = page.get_by_role("listbox", name="Templates").get_by_role("option")
    text.press_sequentially("/f")
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    text.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    text.press("Escape")
    expect(options).to_have_count(0)
    text.press_sequentially("o")
    expect(options).to_have_count(1)
    text.press("Enter")
    expect(text).to_have_value("Follow-up for Fay")
    expect(text).to_be_focused()
    text.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Follow-up for Fay")
    assert SmsMessage.objects.get().template == MessageTemplate.objects.get(name="Follow-up")


def test_a_repeated_text_is_confirmed_with_one_click(composer: Page) -> None:
    page, text = composer, composer.get_by_label("Text", exact=True)
    text.fill("See you at 9?")
    send(page).click()
    expect(text).to_have_value("")
    text.fill("See you at 9?")
    send(page).click()
    page.get_by_role("button", name="Send it again").click()
    expect(text).to_have_value("")
    assert SmsMessage.objects.filter(text="See you at 9?").count() == 2

"""What was typed survives a reload, and what was sent never comes back."""

from django.template.loader import render_to_string
from playwright.sync_api import Locator, Page, ViewportSize, expect

from leads.models import Note
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

# What htmx dispatches. A real response like this also logs an error in the console.
RESPOND = """
([status, responseText]) => {
  const xhr = { status, responseText, getResponseHeader: () => null };
  const detail = { xhr, elt: document.body, target: document.body };
  document.dispatchEvent(new CustomEvent("htmx:responseError", { detail }));
}
"""


def text(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def test_drafts_survive_a_reload_until_they_are_sent(
    page: Page, sign_in: SignIn, rep: User, colleague: User
) -> None:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    factories.sender(lead.organization)
    sign_in(page, rep, lead.get_absolute_url())
    settle(page)
    page.keyboard.press("c")
    page.keyboard.type("Half a sentence")
    page.get_by_text("Write a note", exact=True).click()
    page.get_by_label("Note").fill("Half a note")
    page.reload()
    expect(text(page)).to_have_value("Half a sentence")
    page.locator("summary", has_text="Write a note").click()
    expect(page.get_by_label("Note")).to_have_value("Half a note")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline")).to_contain_text("Half a note")

    other = page.context.new_page()
    other.goto(lead.get_absolute_url())
    expect(text(other)).to_have_value("Half a sentence")
    text(page).focus()
    expect(page.locator("#check")).to_contain_text("145 characters left")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Half a sentence")
    expect(text(other)).to_have_value("")
    for tab in (page, other):
        tab.reload()
        expect(text(tab)).to_have_value("")
        expect(tab.get_by_label("Note")).to_have_value("")
    other.close()  # or it would ask for news as someone else
    assert (SmsMessage.objects.count(), Note.objects.count()) == (1, 1)

    page.route("**/sms/new/", lambda route: route.fulfill(status=404), times=1)
    text(page).fill("Never arrived")
    text(page).press("Control+Enter")
    expect(page.locator("#request-error")).to_be_visible()
    page.evaluate(RESPOND, [503, render_to_string("database_down.html")])
    expect(page.locator("#request-error")).to_contain_text("The database isn't responding")
    page.context.clear_cookies()
    sign_in(page, rep, lead.get_absolute_url())
    expect(text(page)).to_have_value("Never arrived")
    sign_in(page, colleague)
    settle(page)
    assert page.evaluate("Object.keys(localStorage)") == []


def test_the_docked_composer_keeps_send_in_its_place(
    page: Page, sign_in: SignIn, rep: User
) -> None:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    factories.sender(lead.organization)
    page.set_viewport_size(ViewportSize(width=390, height=844))
    sign_in(page, rep, lead.get_absolute_url())
    text(page).focus()
    send = page.get_by_role("button", name="Send", exact=True)
    before = send.bounding_box()
    page.keyboard.type("Are you there? 👋")
    expect(page.locator("#check")).to_contain_text("UCS-2")
    assert send.bounding_box() == before

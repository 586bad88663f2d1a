"""A reply is seen without reloading, answered in three actions, and the next one is done by key."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from leads.models import Lead
from messaging.models import SmsMessage, Thread
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

# What a timer does every few seconds.
POLL = "document.body.dispatchEvent(new Event('views-changed'))"


def reply(lead: Lead, text: str, minutes: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes)
    incoming = {"direction": "incoming", "status": "inbox"}
    factories.message(lead, text=text, created=at, contact=lead.contacts.first(), **incoming)


def test_a_reply_is_answered_in_three_actions(
    page: Page, sign_in: SignIn, rep: User, lead: Lead, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 60
    factories.sender(lead.organization)
    for each in (lead, factories.lead(rep, "Copper Cafe")):
        factories.contact(each, "+15005550101")
    sign_in(page, rep, "/")
    reply(lead, "How much is it?", minutes=1)
    reply(Lead.objects.get(name="Copper Cafe"), "Are you open?", minutes=2)
    page.evaluate(POLL)
    badge = page.locator(".badge-count")
    expect(badge).to_have_text("2 unread")
    expect(page).to_have_title("(2) Home · SMS Center · Acme")
    page.reload()

    page.get_by_role("link", name="Bluebird Bakery").click()  # 1
    settle(page)
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    page.keyboard.type("It's $900")  # 2
    page.keyboard.press("Control+Enter")  # 3

    expect(page.locator("#timeline")).to_contain_text("It's $900")
    assert SmsMessage.objects.filter(text="It's $900").exists()
    first = page.locator(".thread-row").first
    expect(first).to_contain_text("Answered")
    expect(page.get_by_role("link", name="Mine 1")).to_be_visible()

    # The keyboard alone: to the next thread, its composer, and done.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    title = page.locator("#thread-title")
    expect(title).to_have_text("Copper Cafe")
    expect(badge).to_be_hidden()
    expect(page).to_have_title("Copper Cafe · Inbox · SMS Center · Acme")
    page.keyboard.press("r")
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Marked as done.")
    assert Thread.objects.get(lead__name="Copper Cafe").state == "done"
    settle(page)
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("Back in the inbox.")
    expect(title).to_have_text("Copper Cafe")
    assert Thread.objects.get(lead__name="Copper Cafe").is_waiting

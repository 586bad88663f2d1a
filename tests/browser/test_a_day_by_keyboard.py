"""A rep's whole day without a mouse, and the focus is visible wherever Tab leads."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from leads.models import ContactPhone, DeletedLead, Lead, LeadMerge, LeadStatus
from messaging.models import Attempt, MessageTemplate, SmsMessage, Thread
from messaging.outgoing.bulk import work
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.notifications.models import Preference
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.keyboard import button, fill, link, press, tab_to
from tests.browser.settled import settle

OTHER = "+16175550150"


@pytest.fixture
def leads(rep: User, settings: Settings) -> list[Lead]:
    """Return leads, of which each has a text that failed because the number is a landline."""
    settings.SEND_UNDO_SECONDS = 60
    leads = [factories.lead(rep, name) for name in ("Almond Bakery", "Birch Cafe", "Cedar Spa")]
    organization = leads[0].organization
    sender = factories.sender(organization)
    MessageTemplate.objects.create(organization=organization, name="Follow-up", text="Hello!")
    LeadStatus.objects.create(organization=organization, label="Won")
    for number, lead in enumerate(leads):
        contact = factories.contact(lead, f"+1415555012{number}")
        failed = factories.message(
            lead, status="error", reason="not_sms_capable", contact=contact, sender=sender, user=rep
        )
        Attempt.objects.create(
            organization=organization, message=failed, carrier="sandbox", state="failed"
        )
    return leads


def toast(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator(".toast, #notices").get_by_text(text)


def follow(target: Locator) -> None:
    """Press Enter on what opens another page."""
    with target.page.expect_navigation():
        press(target)


def go(page: Page, keys: str) -> None:
    """Type shortcuts, after leaving a field with Escape as people do."""
    settle(page, timers=True)
    page.keyboard.press("Escape")
    for key in keys:
        page.keyboard.press(key)


def visit(page: Page, keys: str) -> None:
    """Type a shortcut that opens another page."""
    with page.expect_navigation():
        go(page, keys)


def test_failures_are_mended_and_texts_are_written(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep, "/leads/?q=failed_sms>0&sort=name")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(link(page, "1 of 3")).to_be_visible()
    press(button(page, "Correct and resend"))
    expect(page.get_by_label("New number")).to_be_focused()
    page.keyboard.type("617 555 0150")
    expect(button(page, "Save and resend to (617) 555-0150")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("Resent to (617) 555-0150")
    assert SmsMessage.objects.filter(remote_phone=OTHER, status="outbox").exists()

    go(page, "j")
    expect(link(page, "2 of 3")).to_be_visible()
    press(button(page, "Why?"))
    press(page.get_by_role("dialog").get_by_role("button", name="Mark as handled"))
    expect(page.locator("#timeline")).to_contain_text("Handled")
    go(page, "z")
    expect(button(page, "Correct and resend")).to_be_visible()

    go(page, "c")
    text = page.get_by_label("Text", exact=True)
    expect(text).to_be_focused()
    page.keyboard.type("/")
    expect(page.get_by_role("option", name="Follow-up Hello!")).to_be_visible()
    page.keyboard.press("Enter")
    expect(text).to_have_value("Hello!")
    press(page.locator("summary", has_text="Send later"))
    tab_to(page.locator("[name=send_at]"))
    due = timezone.now() + timedelta(days=40)
    page.keyboard.type(f"{due:%m%d%Y}")
    page.keyboard.press("Tab")
    page.keyboard.type("1000AM")
    press(button(page, "Schedule text"))
    expect(page.locator("#timeline")).to_contain_text("scheduled")
    assert SmsMessage.objects.get(status="scheduled").text == "Hello!"

    press(page.locator("summary", has_text="Write a note"))
    fill(page.get_by_label("Note"), "Call in May")
    press(button(page, "Save note"))
    expect(page.locator("#timeline")).to_contain_text("Call in May")
    press(page.get_by_role("link", name="Status: New"))
    expect(button(page, "New")).to_be_focused()
    press(button(page, "Won"))
    expect(page.get_by_role("link", name="Status: Won")).to_be_focused()


def test_lists_are_filtered_sorted_saved_and_changed(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep)
    press(button(page, "Status"))
    press(page.get_by_role("dialog", name="Status").get_by_role("link", name="New"))
    expect(page).to_have_url(re.compile("status%3A"))
    press(button(page, "Sort"))
    press(page.get_by_role("dialog", name="Sort").get_by_role("link", name="Name ↑"))
    expect(page).to_have_url(re.compile("sort=name"))
    press(button(page, "Columns"))
    press(page.get_by_role("checkbox", name="Owner"), "Space")
    follow(button(page, "Show columns"))
    expect(page.get_by_role("columnheader", name="Owner")).to_be_visible()
    follow(link(page, "Save view"))
    fill(page.get_by_label("Name", exact=True), "New ones")
    follow(button(page, "Save view"))
    expect(page.get_by_role("region", name="Saved views")).to_contain_text("New ones")
    assert SavedView.objects.get().query

    visit(page, "gl")
    go(page, "jxjx")
    tab_to(page.get_by_label("Change selected rows"))
    page.keyboard.type("Status: Won")
    follow(button(page, "Change selected"))
    expect(toast(page, re.compile("^2 leads"))).to_be_visible()
    go(page, "z")
    expect(toast(page, "Undone. 2 leads changed back.")).to_be_visible()


def test_leads_are_created_merged_deleted_and_answered(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep)
    follow(link(page, "New lead"))
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Cedar Spa")
    fill(page.get_by_label("Phone number"), "415 555 0122")
    follow(button(page, "Create anyway"))
    expect(page.get_by_role("heading", name="Cedar Spa", level=1)).to_be_visible()
    press(page.locator("summary", has_text="More actions"))
    follow(page.get_by_role("link", name="Merge"))
    follow(page.get_by_role("main").get_by_role("link", name="Cedar Spa").last)
    follow(button(page, "Merge leads"))
    expect(toast(page, "Cedar Spa merged into this lead.")).to_be_visible()
    assert LeadMerge.objects.exists()
    press(page.locator("summary", has_text="More actions"))
    follow(button(page, "Delete lead"))
    expect(toast(page, re.compile("deleted"))).to_be_visible()
    assert DeletedLead.objects.exists()
    go(page, "z")
    expect(toast(page, "Cedar Spa restored.")).to_be_visible()

    factories.message(leads[0], direction="incoming", status="inbox", text="How much?")
    visit(page, "gi")
    go(page, "j")
    go(page, "r")
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    page.keyboard.type("It's $900")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#timeline")).to_contain_text("It's $900")
    expect(page.locator(".thread-row").first).to_contain_text("Answered")
    press(page.get_by_role("button", name=re.compile("^Notifications")))
    expect(page.get_by_role("dialog", name="Notifications")).to_be_visible()


def test_failures_are_resent_in_bulk_and_replies_are_handed_over(
    page: Page, sign_in: SignIn, rep: User, colleague: User, leads: list[Lead]
) -> None:
    for phone in ContactPhone.objects.select_related("contact"):
        failed = SmsMessage.objects.filter(contact=phone.contact)
        failed.update(reason="unreachable", remote_phone=phone.phone)
    sign_in(page, rep, "/messages/?q=status:error")
    go(page, "jxjxa")
    expect(button(page, "Resend selected")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    follow(button(page, "Preview"))
    work.run()
    page.reload()
    follow(button(page, "Resend 2 texts"))
    expect(button(page, "Pause")).to_be_visible()

    reply = {"direction": "incoming", "status": "inbox", "text": "How much?"}
    for lead in leads:
        factories.message(lead, **reply)
    visit(page, "gi")
    go(page, "j")
    go(page, "a")
    assignee = page.get_by_label("Assigned to")
    expect(assignee).to_be_focused()
    choices = assignee.locator("option").all_inner_texts()
    steps = choices.index("carl") - choices.index("rita")
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    assert not Thread.objects.exclude(assignee=rep).exists()  # nobody in between got it
    page.keyboard.press("Enter")
    expect(toast(page, "Assigned to carl.")).to_be_visible()
    go(page, "j")
    go(page, "s")
    press(page.get_by_role("button", name=re.compile("^Tomorrow")))
    expect(toast(page, re.compile("^Snoozed"))).to_be_visible()
    assert Thread.objects.snoozed().count() == 1

    go(page, "gn")
    follow(
        page.get_by_role("dialog", name="Notifications").get_by_role(
            "link", name="Notification settings"
        )
    )
    press(page.get_by_label("Replies from your leads, or to your texts: in the app"), "Space")
    tab_to(page.get_by_label("Replies from your leads, or to your texts: email"))
    page.keyboard.press("ArrowDown")
    follow(button(page, "Save settings"))
    assert not Preference.objects.get(user=rep, kind="reply").in_app

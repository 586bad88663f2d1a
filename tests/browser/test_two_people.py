"""Two users in two tabs of one browser: a page acts only for the user who opened it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from leads.models import Lead, Note
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn, open_account_menu


@pytest.fixture
def bakery(rep: User, colleague: User) -> Lead:
    """Return Rita's lead with a text in the outbox, so that the page polls for updates."""
    for person, first, last in ((rep, "Rita", "Rep"), (colleague, "Carl", "Cole")):
        person.first_name, person.last_name = first, last
        person.save()
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    factories.sender(lead.organization)
    factories.message(lead, status="outbox")
    return lead


@pytest.fixture
def switch(page: Page) -> Callable[[User], None]:
    """Return a function that signs in as another user in another tab."""

    def switch(user: User) -> None:
        other = page.context.new_page()
        other.goto("/help/")
        open_account_menu(other)
        other.get_by_role("button", name="Sign out").click()
        other.get_by_label("Username").fill(user.username)
        other.get_by_label("Password").fill(factories.PASSWORD)
        other.get_by_role("button", name="Sign in", exact=True).click()
        other.wait_for_url("/")
        other.close()

    return switch


def notice(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="signed in as Carl Cole")


def test_an_open_page_never_acts_for_a_user_who_signed_in_in_another_tab(
    page: Page,
    sign_in: SignIn,
    rep: User,
    colleague: User,
    bakery: Lead,
    switch: Callable[[User], None],
) -> None:
    sign_in(page, rep, bakery.get_absolute_url())
    page.get_by_text("Write a note", exact=True).click()
    note = page.get_by_label("Note", exact=True)
    note.fill("Half a sentence")
    switch(colleague)

    expect(notice(page)).to_contain_text("This page was opened by Rita Rep.")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Save note").click()
    expect(note).to_have_value("Half a sentence")
    requests: list[str] = []

    def note_request(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note_request)
    page.wait_for_timeout(2500)
    page.remove_listener("request", note_request)
    assert not requests
    assert not Note.objects.exists()
    assert SmsMessage.objects.count() == 1

    switch(rep)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#timeline")).to_contain_text("Half a sentence")
    expect(notice(page)).to_be_hidden()
    assert Note.objects.get().user == rep


def test_a_plain_form_keeps_its_input(
    page: Page,
    sign_in: SignIn,
    rep: User,
    colleague: User,
    bakery: Lead,
    switch: Callable[[User], None],
) -> None:
    sign_in(page, rep, "/leads/new/")
    page.get_by_label("Name").fill("Menlo Park Motors")
    switch(colleague)

    page.locator("main form .primary").click()
    expect(notice(page)).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Menlo Park Motors")
    assert Lead.objects.count() == 1
    page.get_by_role("button", name="Reload").click()
    expect(notice(page)).to_be_hidden()
    expect(page.locator(".account")).to_contain_text("Carl Cole")


def test_a_plain_form_can_be_submitted_after_signing_in_again(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    sign_in(page, rep, "/leads/new/")
    page.get_by_label("Name").fill("Menlo Park Motors")
    other = page.context.new_page()
    other.goto("/help/")
    open_account_menu(other)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in/**")

    page.locator("main form .primary").click()
    expect(page.get_by_role("alert")).to_contain_text("You've been signed out.")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in again").click()
    opened.value.get_by_label("Username").fill(rep.username)
    opened.value.get_by_label("Password").fill(factories.PASSWORD)
    opened.value.get_by_role("button", name="Sign in", exact=True).click()
    opened.value.wait_for_url("/")
    page.locator("main form .primary").click()
    page.wait_for_url("**/leads/*/")
    assert Lead.objects.get(name="Menlo Park Motors").owner == rep


def test_going_back_does_not_show_another_users_search(
    page: Page, sign_in: SignIn, rep: User, stranger: User, bakery: Lead
) -> None:
    sign_in(page, rep)
    box = page.get_by_role("combobox", name="Search leads")
    for query in ("blue", "bakery"):
        box.fill(query)
        box.press("Enter")
        page.wait_for_url(f"**q={query}*")
        expect(page.locator("#results tbody")).to_contain_text("Bluebird Bakery")
    open_account_menu(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill(stranger.username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("/")

    for _ in range(4):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("#content")).not_to_contain_text("Bluebird Bakery")

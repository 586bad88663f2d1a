"""Responses that arrive late, out of order, or never, while the user keeps working."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from leads.models import Lead, Note
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.browser.conftest import SignIn, open_account_menu
from tests.messaging.carriers.listener import until
from tests.support.conftest import DETAILS


@pytest.fixture
def bakery(rep: User) -> Lead:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    factories.sender(lead.organization)
    return lead


@pytest.fixture
def lead_page(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> Page:
    sign_in(page, rep, bakery.get_absolute_url())
    return page


@pytest.fixture
def leads(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> Page:
    factories.lead(rep, "Quiet Quarry")
    sign_in(page, rep)
    return page


def hold(page: Page, url: str, action: Callable[[], object]) -> Route:
    """Call `action`, which requests `url`, and hold the response until the route is continued."""
    routes: list[Route] = []

    def keep(route: Route) -> None:
        if routes:
            route.fallback()
        else:
            routes.append(route)

    # With `times=1`, Playwright would release all routes together with the first.
    page.route(url, keep)
    with page.expect_request(url):
        action()
    page.evaluate("0")
    return routes[0]


def release(page: Page, route: Route) -> None:
    """Release the response, and wait until the page has processed it."""
    with page.expect_event("requestfinished", lambda request: request == route.request):
        route.continue_()
    page.evaluate("0")


def found(page: Page) -> Locator:
    return page.locator("#results tbody th a")


def text(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def test_updates_arrive_on_a_slow_connection(
    own_page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    page = own_page
    factories.message(bakery, status="outbox")
    page.clock.install()
    sign_in(page, rep, bakery.get_absolute_url())
    route = hold(page, "**/news/**", lambda: page.clock.run_for(1000))
    page.clock.run_for(3000)
    SmsMessage.objects.update(status="sent")
    release(page, route)
    expect(page.locator("#timeline .label.sent")).to_be_visible()


def test_updates_do_not_touch_a_form_being_edited(lead_page: Page, rep: User, bakery: Lead) -> None:
    page, timeline = lead_page, lead_page.locator("#timeline")
    note = Note.objects.create(organization=bakery.organization, lead=bakery, user=rep, text="?")
    page.reload()
    focus_window = "window.dispatchEvent(new Event('focus'))"
    route = hold(page, "**/news/**", lambda: page.evaluate(focus_window))
    Note.objects.filter(pk=note.pk).update(text="!", updated=timezone.now())
    timeline.get_by_role("link", name="Edit").click()
    timeline.get_by_label("Note").fill("Half a sentence")
    release(page, route)
    expect(timeline.get_by_label("Note")).to_have_value("Half a sentence")


def test_updates_do_not_get_in_the_way_of_a_click(lead_page: Page, rep: User, bakery: Lead) -> None:
    page, timeline = lead_page, lead_page.locator("#timeline")
    note = Note.objects.create(organization=bakery.organization, lead=bakery, user=rep, text="?")
    page.reload()
    focus_window = "window.dispatchEvent(new Event('focus'))"
    route = hold(page, "**/news/**", lambda: page.evaluate(focus_window))
    Note.objects.filter(pk=note.pk).update(text="!", updated=timezone.now())
    click = hold(page, "**/notes/*/edit/", timeline.get_by_role("link", name="Edit").click)
    release(page, route)
    release(page, click)
    expect(timeline.get_by_label("Note")).to_have_value("!")


def test_reloading_the_composers_contacts_keeps_the_text(lead_page: Page) -> None:
    page, contacts = lead_page, lead_page.locator("#contacts")
    page.get_by_role("link", name="Add a contact").click()
    expect(contacts.get_by_label("Name")).to_be_focused()
    contacts.get_by_label("Name").fill("New Nora")
    contacts.get_by_label("Phone").fill("416 555 0144")
    save = contacts.get_by_role("button", name="Save contact")
    route = hold(page, "**/sms/composer/", save.click)
    text(page).fill("Half a sentence")
    release(page, route)
    expect(page.get_by_label("To", exact=True)).to_contain_text("New Nora")
    expect(text(page)).to_have_value("Half a sentence")


def test_a_form_is_locked_while_it_is_being_sent(lead_page: Page) -> None:
    page = lead_page
    text(page).fill("One")
    route = hold(page, "**/sms/new/", lambda: page.keyboard.press("Control+Enter"))
    page.keyboard.type("Two")
    expect(text(page)).to_have_value("One")
    release(page, route)
    expect(text(page)).to_have_value("")
    page.keyboard.type("Three")
    expect(text(page)).to_have_value("Three")
    assert SmsMessage.objects.get().text == "One"


def test_reloading_contacts_does_not_interrupt_typing(lead_page: Page) -> None:
    page = lead_page
    reload_contacts = "htmx.trigger(document.body, 'recipients-changed')"
    hold(page, "**/contacts/", lambda: page.evaluate(reload_contacts))
    with page.expect_event("requestfailed"):
        page.get_by_role("link", name="Add a contact").click()
    expect(page.get_by_role("button", name="Save contact")).to_be_visible()


def test_signing_out_in_another_tab_is_noticed(lead_page: Page, rep: User) -> None:
    page = lead_page
    text(page).fill("Half a")
    expect(page.locator("#check")).to_contain_text("154 characters")
    other = page.context.new_page()
    other.goto("/help/")
    open_account_menu(other)
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in/**")

    text(page).press_sequentially(" sentence")
    expect(page.get_by_role("alert")).to_contain_text("You've been signed out.")
    expect(text(page)).to_have_value("Half a sentence")
    other.get_by_label("Username").fill(rep.username)
    other.get_by_label("Password").fill(factories.PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url("/")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("Half a sentence")


def test_the_last_request_wins(leads: Page) -> None:
    page, box = leads, leads.get_by_role("combobox", name="Search leads")
    sort = page.get_by_role("link", name="Name", exact=True)
    hold(page, "**/leads/*sort=*", sort.click)
    box.fill("quiet")
    with page.expect_event("requestfailed", lambda request: "sort=" in request.url):
        box.press("Enter")
    expect(found(page)).to_have_text(["Quiet Quarry"])

    box.fill("blue")
    hold(page, "**/leads/*q=blue*", lambda: box.press("Enter"))
    with page.expect_event("requestfailed", lambda request: "q=blue" in request.url):
        page.go_back()
    expect(found(page)).to_have_count(2)
    expect(page).to_have_url("/leads/")


def test_a_filter_chosen_before_scripts_load_is_applied(leads: Page) -> None:
    page = leads
    hold(page, "**/search*.js", lambda: page.goto("/leads/", wait_until="commit"))
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Has failed texts").click()
    expect(page.get_by_text("No leads match this search.")).to_be_visible()


def test_a_second_click_does_nothing(leads: Page) -> None:
    page, posts = leads, list[Route]()

    def keep(route: Route) -> None:
        posts.append(route)

    page.goto("/leads/new/")
    page.get_by_label("Name").fill("Menlo Park Motors")
    page.route("**/leads/new/", keep)
    with (
        page.expect_request("**/leads/new/"),
        page.expect_console_message(lambda message: message.text == "twice"),
    ):
        page.evaluate(
            """() => {
              const save = document.querySelector("main form .primary");
              save.click();
              setTimeout(() => { save.click(); console.log("twice"); }, 200);
            }"""
        )
    page.context.cookies()  # the route is known after any answer; pages that load give none
    posts[-1].continue_()
    page.wait_for_url("**/leads/*/")
    assert len(posts) == 1


def test_autosaves_stay_in_order_and_stop_after_submission(
    own_page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    page = own_page
    support_request = SupportRequest.objects.create(
        organization=bakery.organization,
        created_by=rep,
        sender=SenderNumber.objects.get(),
        **DETAILS,
    )
    page.clock.install()
    sign_in(page, rep, f"/requests/{support_request.pk}/edit/")

    def write(words: str) -> None:
        page.get_by_label("Type of content").fill(words)
        page.clock.run_for(2000)

    route = hold(page, "**/edit/", lambda: write("Answers"))
    write("Answers to inquiries")
    release(page, route)
    until(lambda: SupportRequest.objects.get().content_type == "Answers to inquiries")

    move(support_request, State.SUBMITTED, rep)
    write("Other")
    expect(page.get_by_text("so your changes weren't saved")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Request whitelisting")


@pytest.fixture
def draft(bakery: Lead, rep: User) -> SupportRequest:
    sender = SenderNumber.objects.get()
    fields = {"organization": bakery.organization, "created_by": rep, "sender": sender}
    return SupportRequest.objects.create(**fields, **DETAILS)


@pytest.fixture
def draft_page(own_page: Page, sign_in: SignIn, rep: User, draft: SupportRequest) -> Page:
    own_page.clock.install()
    sign_in(own_page, rep, f"/requests/{draft.pk}/edit/")
    return own_page


def write(page: Page, words: str) -> None:
    """Type `words`, and wait for the autosave."""
    page.get_by_label("Type of content").fill(words)
    page.clock.run_for(2000)


def test_a_late_autosave_does_not_undo_a_save(draft_page: Page) -> None:
    page = draft_page
    route = hold(page, "**/edit/", lambda: write(page, "Answers to inq"))
    page.get_by_label("Type of content").fill("Answers to inquiries")
    page.get_by_role("button", name="Review request").click()
    page.wait_for_url("**/requests/*/")
    expect(page.get_by_text("Answers to inquiries")).to_be_visible()
    late = route.fetch()
    assert late.ok
    assert "Saved as draft" not in late.text()
    assert SupportRequest.objects.get().content_type == "Answers to inquiries"


def test_an_autosave_is_retried_when_its_response_is_lost(draft_page: Page) -> None:
    page = draft_page

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=204)

    page.route("**/edit/", lose, times=1)
    with page.expect_response("**/edit/"):
        write(page, "Answers")
    assert SupportRequest.objects.get().content_type == "Answers"
    write(page, "Answers to inquiries")
    expect(page.get_by_text("Draft saved at")).to_be_visible()
    assert SupportRequest.objects.get().content_type == "Answers to inquiries"


def test_changes_from_two_tabs_are_both_shown(draft_page: Page) -> None:
    page, other = draft_page, draft_page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Type of content").fill("Offers")
    other.get_by_role("button", name="Save as draft").click()
    other.wait_for_url("**/requests/*/")

    write(page, "Answers to inquiries")
    expect(page.get_by_text("Not saved: this draft was changed")).to_be_visible()
    page.get_by_role("button", name="Review request").click()
    expect(page.get_by_role("alert")).to_contain_text("Type of contentOffers")
    expect(page.get_by_label("Type of content")).to_have_value("Answers to inquiries")
    page.get_by_role("button", name="Review request").click()
    expect(page.get_by_text("Answers to inquiries")).to_be_visible()
    assert SupportRequest.objects.get().content_type == "Answers to inquiries"


def test_a_deleted_note_is_replaced_by_its_record(lead_page: Page, rep: User, bakery: Lead) -> None:
    page, timeline = lead_page, lead_page.locator("#timeline")
    Note.objects.create(organization=bakery.organization, lead=bakery, user=rep, text="Wrong")
    page.reload()
    page.once("dialog", lambda dialog: dialog.accept())
    timeline.get_by_role("button", name="Delete").click()
    expect(timeline.get_by_text("deleted a note")).to_be_visible()
    expect(timeline.get_by_text("Wrong")).to_have_count(0)


def test_a_thread_opens_while_the_list_is_replaced(
    page: Page, sign_in: SignIn, rep: User, lead: Lead
) -> None:
    for each in (lead, factories.lead(rep, "Copper Cafe")):
        factories.message(each, direction="incoming", status="inbox")
    sign_in(page, rep)
    # The newest thread opens by itself, but not in place of the one that someone opens.
    hold(page, "**/inbox/*/*", lambda: page.goto("/inbox/"))
    row = page.locator(".thread-row", has_text="Bluebird Bakery").get_by_role("link")
    route = hold(page, "**/inbox/*/*", row.click)
    link = row.element_handle()
    page.evaluate("document.body.dispatchEvent(new Event('threads-changed'))")
    page.wait_for_function("link => !link.isConnected", arg=link)
    release(page, route)
    expect(page.locator("#thread-title")).to_have_text("Bluebird Bakery")
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator(".badge-count")).to_have_text("1 unread")

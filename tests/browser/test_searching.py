"""The search box in a real browser: typing, completion by keyboard, corrections, saved views."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from leads.models import Lead, LeadStatus
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn

FINDS = {
    "blue": ["Bluebird Bakery"],
    '"menlo park"': ["Menlo Park Motors"],
    "failed_sms > 1": ["Bluebird Bakery"],
    "has:error_sms_messages": ["Bluebird Bakery"],
    "sms(created:today direction:outgoing status:error)": ["Bluebird Bakery"],
    "latest_sms_status:error": ["Bluebird Bakery"],
    'status:"Bad Fit"': ["Quiet Quarry"],
    "created > 30 days ago": ["Quiet Quarry"],
    "phone:416": ["Quiet Quarry"],
    "nora or menlo sort:name": ["Menlo Park Motors", "Quiet Quarry"],
    "owner:me limit:1 sort:name": ["Bluebird Bakery"],
}


@pytest.fixture
def leads(rep: User) -> dict[str, Lead]:
    assert rep.organization is not None
    bad_fit = LeadStatus.objects.create(organization=rep.organization, label="Bad Fit")
    leads = {
        "Bluebird Bakery": factories.lead(rep, "Bluebird Bakery"),
        "Quiet Quarry": factories.lead(
            rep, "Quiet Quarry", status=bad_fit, created=timezone.now() - timedelta(days=40)
        ),
        "Menlo Park Motors": factories.lead(rep, "Menlo Park Motors"),
    }
    factories.contact(leads["Quiet Quarry"], "+14165550144", "Nora North")
    for _ in range(2):
        factories.message(leads["Bluebird Bakery"], status="error", reason="spam", user=rep)
    return leads


@pytest.fixture
def box(page: Page, sign_in: SignIn, rep: User, leads: dict[str, Lead]) -> Locator:
    sign_in(page, rep)
    return page.get_by_role("combobox", name="Search leads")


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def type_on(box: Locator, text: str) -> None:
    """Type at the end of the box, then wait for the suggestions for all of it."""
    box.focus()
    cursor = len(box.input_value() + text)
    with box.page.expect_response(re.compile(rf"/search/complete/.*cursor={cursor}$")):
        box.page.keyboard.type(text)
    expect(box).not_to_have_class(re.compile("htmx-request"))


def found(page: Page) -> Locator:
    return page.locator("#results tbody th a")


def has_query(query: str) -> Callable[[str], bool]:
    return lambda url: parse_qs(urlsplit(url).query).get("q") == [query]


def test_every_kind_of_search_finds_its_leads(page: Page, box: Locator) -> None:
    for query, names in FINDS.items():
        box.fill(query)
        box.press("Enter")

        page.wait_for_url(has_query(query))
        expect(page.locator(".echo"), query).to_be_visible()
        expect(found(page), query).to_have_text(names)


def test_completion_works_by_keyboard(page: Page, box: Locator) -> None:
    options = suggestions(page)
    box.focus()
    type_on(box, "latest_sms_st")
    expect(options.first).to_contain_text("latest_sms_status")

    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("latest_sms_status:")
    expect(options.filter(has_text="error")).to_be_visible()

    type_on(box, "err")
    expect(options.first).to_contain_text("error")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(box).to_have_value(re.compile("^latest_sms_status:error ?$"))

    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    page.keyboard.press("Enter")
    expect(found(page)).to_have_text(["Bluebird Bakery"])


def test_completion_does_not_get_in_the_way_of_typing(page: Page, box: Locator) -> None:
    box.focus()
    page.keyboard.type("quiet")
    page.keyboard.press("Enter")

    expect(found(page)).to_have_text(["Quiet Quarry"])
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()
    expect(box).to_have_value("quiet")


@pytest.mark.parametrize("key", ["Escape", "Enter"])
def test_a_late_response_does_not_reopen_the_suggestions(
    page: Page, box: Locator, key: str
) -> None:
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route("**/search/complete/**", hold)
    with page.expect_request("**/search/complete/*cursor=1*"):
        box.press("b")
    page.keyboard.press(key)

    with page.expect_response("**/search/complete/*cursor=1*"):
        routes[-1].continue_()
    expect(page.locator("#q-options [role=option]").first).to_be_attached()
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()


def test_an_outdated_suggestion_cannot_be_inserted_while_typing(page: Page, box: Locator) -> None:
    box.focus()
    type_on(box, "latest_sms_status:er")
    option = suggestions(page).first
    expect(option).to_contain_text("error")
    page.route("**/search/complete/**", lambda _: None)  # from here on, no response
    with page.expect_request("**/search/complete/**"):
        page.keyboard.type("ro")

    option.dispatch_event("mousedown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value("latest_sms_status:erro")


def test_a_mistake_is_marked_and_its_fix_is_a_link(page: Page, box: Locator) -> None:
    box.fill("statsu:new blue")
    box.press("Enter")

    problem = page.get_by_role("alert").filter(has_text="statsu")
    expect(problem.locator("mark")).to_have_text("statsu")
    problem.get_by_role("link").click()
    expect(found(page)).to_have_text(["Bluebird Bakery"])
    expect(box).to_have_value("status:new blue")


def test_a_saved_view_is_used_in_another_search(page: Page, box: Locator) -> None:
    box.fill("failed_sms > 0")
    box.press("Enter")
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name").fill("Our failures")
    page.get_by_role("button", name="Save view").click()

    sidebar = page.get_by_role("region", name="Saved views")
    expect(sidebar.get_by_role("link", name="Our failures")).to_contain_text("1")
    box.fill("")
    type_on(box, "in:our")  # clicks on outdated suggestions are ignored
    suggestions(page).filter(has_text="Our failures").click()
    expect(box).to_be_focused()
    expect(box).to_have_value(re.compile('^in:"Our failures" ?$'))
    box.press("Enter")
    expect(found(page)).to_have_text(["Bluebird Bakery"])

    box.fill('not in:"Our failures" sort:name')
    box.press("Enter")
    expect(found(page)).to_have_text(["Menlo Park Motors", "Quiet Quarry"])


def test_going_back_shows_the_previous_results(page: Page, box: Locator) -> None:
    for query, name in (("blue", "Bluebird Bakery"), ("quiet", "Quiet Quarry")):
        box.fill(query)
        box.press("Enter")
        expect(found(page)).to_have_text([name])

    page.go_back()
    expect(found(page)).to_have_text(["Bluebird Bakery"])
    expect(box).to_have_value("blue")


def test_going_back_shows_the_whole_page(page: Page, box: Locator) -> None:
    box.fill("quiet")
    box.press("Enter")
    expect(found(page)).to_have_text(["Quiet Quarry"])
    found(page).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quiet Quarry")

    page.go_back()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(found(page)).to_have_text(["Quiet Quarry"])
    page.evaluate("sessionStorage.removeItem('htmx-history-cache')")  # as if it had overflowed
    page.go_back()
    expect(found(page)).to_have_count(3)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(box).to_have_value("")

"""Lists: many rows at once that stay in their place, and everything in them by keyboard."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from leads.models import Lead
from search.models import SavedView
from smscenter.accounts.models import User
from tests import factories
from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

LAPTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
# Layout shifts count unless they follow a click or a key within half a second.
SHIFT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries()
    .filter((entry) => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 300);
})"""
ROWS = """() => {
  const rows = [...document.querySelectorAll("#results tbody tr")]
    .map((row) => row.getBoundingClientRect());
  return { y: rows[0].top, heights: [...new Set(rows.map((row) => row.height))],
           whole: rows.filter((row) => row.bottom <= innerHeight).length };
}"""


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    """Return leads with texts of every kind, and names of every length."""
    leads = [factories.lead(rep, f"Lead {number:02} {'Bakery ' * number}") for number in range(30)]
    texts = [
        {"status": "error", "reason": "invalid_number", "text": "Good morning " * 20},
        {"status": "error", "reason": "spam", "text": "Hi"},
        {"status": "inbox", "direction": "incoming", "text": "Please call me"},
        {"status": "outbox"},
        {"status": "sent", "text": "See you at 10"},
    ]
    for number, lead in enumerate(leads[:25]):
        factories.message(lead, user=rep, **texts[number % len(texts)])
    return leads


def test_eighteen_rows_fit_a_laptop_and_nothing_moves(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    page.set_viewport_size(LAPTOP)
    for path in ("/leads/", "/leads/?q=owner:me+not+name:x", "/messages/"):
        sign_in(page, rep, path)
        expect(page.get_by_role("region", name="Saved views")).to_contain_text("Saved searches")
        measured = page.evaluate(ROWS)
        assert measured["y"] <= 180, path
        assert measured["heights"] == [36], path
        assert measured["whole"] >= 18, path
        assert page.evaluate(SHIFT) < 0.02, path
        page.mouse.wheel(0, 2000)
        expect(page.get_by_role("columnheader").first).to_be_in_viewport()


def test_lists_fit_a_phone(page: Page, sign_in: SignIn, rep: User, leads: list[Lead]) -> None:
    for path in ("/leads/?q=owner:me", "/messages/", "/requests/"):
        page.set_viewport_size(PHONE)
        sign_in(page, rep, path)
        for width in (390, 320):
            page.set_viewport_size(ViewportSize(width=width, height=844))
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
        if "requests" not in path:
            page.get_by_role("button", name="Filter").click()
            sheet = page.get_by_role("dialog", name="Filters").bounding_box()
            assert sheet
            assert (sheet["x"], sheet["width"]) == (0, 320), path


def test_rows_are_walked_through_and_opened_by_keyboard(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep, "/leads/?sort=name")
    rows = page.locator("#results tbody th a")
    box = page.get_by_role("combobox", name="Search leads")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name=f"Select {leads[1]}", exact=True)).to_be_checked()
    expect(page.get_by_role("button", name="Text selected")).to_be_in_viewport()
    expect(page.get_by_text("1 selected", exact=True)).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Text selected")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(box).to_be_focused()
    expect(box).to_have_value("jk")
    for _ in range(2):  # closes the suggestions, then leaves the box as it was
        page.keyboard.press("Escape")
    expect(box).to_have_value("")
    expect(box).not_to_be_focused()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{leads[1].pk}/")
    expect(page.get_by_role("navigation", name="Search results")).to_have_count(0)
    page.goto("/leads/?q=lead&sort=name")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for number, key in ((1, "j"), (2, "j"), (3, "k"), (2, "k")):
        expect(page.get_by_role("link", name=f"{number} of 30")).to_be_visible()
        settle(page)
        page.keyboard.press(key)
    page.get_by_role("link", name="1 of 30").click()
    page.locator("#results tbody tr").nth(2).locator("td").last.click()  # anywhere in the row
    page.wait_for_url(f"**/leads/{leads[2].pk}/?*")


def test_natural_words_become_a_search_with_tab_and_enter(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep)
    box = page.get_by_role("combobox", name="Search leads")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    box.focus()
    page.keyboard.type("failed today")
    expect(options.first).to_contain_text("sms(created:today status:error)")
    page.keyboard.press("Tab")
    expect(box).to_have_value("sms(created:today status:error)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="10 leads")).to_be_visible()

    page.goto("/leads/")
    box.focus()
    expect(options.first).to_contain_text("Recent search")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="10 leads")).to_be_visible()


def test_an_open_view_is_marked_and_its_count_follows(
    own_page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    page = own_page
    assert rep.organization
    SavedView.objects.create(
        organization=rep.organization, owner=rep, name="Spam", query="sms(reason:spam)"
    )
    sign_in(page, rep)
    page.clock.install()
    link = page.get_by_role("region", name="Saved views").get_by_role("link", name="Spam")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spam")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link).to_contain_text("5")

    page.get_by_role("link", name=re.compile("^Remove")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
    expect(link).not_to_have_attribute("aria-current", "page")
    expect(page).to_have_title(re.compile(r"^(\(\d+\) )?Leads"))  # unread replies in front


def test_axe_finds_nothing_in_menus(
    page: Page, sign_in: SignIn, rep: User, leads: list[Lead]
) -> None:
    sign_in(page, rep, "/leads/?q=failed_sms>0")
    for name in ("Status", "Filter", "Sort", "Columns", "Export CSV"):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        expect(page.locator(".list-menu:popover-open")).to_be_visible()
        assert not any(violations(page, LAPTOP).values())
        page.keyboard.press("Escape")
        expect(button).to_be_focused()

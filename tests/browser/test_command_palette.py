"""People go anywhere by keyboard."""

import re

from playwright.sync_api import Page, expect

from leads.models import Lead
from smscenter.accounts.models import User
from tests.browser.conftest import SignIn
from tests.browser.settled import settle


def test_pages_and_leads_are_a_few_keys_away(
    page: Page, sign_in: SignIn, rep: User, lead: Lead
) -> None:
    sign_in(page, rep)
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Messages")).to_be_visible()
    settle(page)

    # The account menu is closed, and this page isn't in the navigation at all.
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Sender numbers")).to_be_visible()
    settle(page)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")

    # Enter waits for the answer to what was typed.
    page.keyboard.press("Control+k")
    page.keyboard.type("blueb")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=lead.name, level=1)).to_be_visible()
    settle(page)

    # Keys in a text are text, and Escape closes what's open and gives the focus back.
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search or go to")
    page.keyboard.type("?gm/")
    expect(box).to_have_value("?gm/")
    expect(page.get_by_role("option")).to_have_text([re.compile("“\\?gm/”")] * 3)
    page.keyboard.press("ArrowUp")
    active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    expect(active).to_have_text("New lead named “?gm/”")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()

    page.locator("summary", has_text=str(rep)).click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("heading", name=lead.name, level=1)).to_be_visible()

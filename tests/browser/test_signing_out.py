"""Whoever comes to this browser next sees nothing of the person who signed out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories
from tests.browser import chromium
from tests.browser.conftest import FLAGS, PATIENCE, SignIn

NAME = "Bluebird Bakery"


@pytest.fixture
def bakery(rep: User) -> Lead:
    lead = factories.lead(rep, NAME)
    factories.contact(lead)
    return lead


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Return a page of a browser that keeps whole pages to go back to, which Playwright forbids."""
    own = browser.browser_type.launch(
        executable_path=chromium.find(),
        args=[*FLAGS, "--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context = own.new_context(base_url=live_server.url)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    own.close()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def expect_nothing(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)
    kept = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert NAME not in kept


@pytest.mark.parametrize("steps", [1, 2])
def test_back_shows_no_lead(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead, steps: int
) -> None:
    sign_in(page, rep)
    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    sign_out(page)
    for _ in range(steps):
        page.go_back()
        expect_nothing(page)


def test_back_shows_no_search(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> None:
    """htmx changes the list in place, and used to keep what was there."""
    sign_in(page, rep)
    box = (
        page.get_by_role("search")
        .get_by_role("combobox")
        .or_(page.get_by_role("search").get_by_role("searchbox"))
    )
    for query in ("Bluebird", "Bakery"):
        box.first.fill(query)
        box.first.press("Enter")
        page.wait_for_url(f"**{query}*")
    sign_out(page)
    for _ in range(3):
        page.go_back()
        expect_nothing(page)


def test_a_page_kept_whole_is_loaded_again(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    """Browsers keep pages alive to go back to; one that kept this asks who is there now."""
    sign_in(page, rep)
    page.goto(bakery.get_absolute_url())
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect_nothing(page)

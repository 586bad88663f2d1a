"""The next user of this browser sees nothing of the person who signed out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories
from tests.browser import chromium
from tests.browser.conftest import FLAGS, PATIENCE, SignIn, open_account_menu

NAME = "Bluebird Bakery"


@pytest.fixture
def bakery(rep: User) -> Lead:
    lead = factories.lead(rep, NAME)
    factories.contact(lead)
    return lead


@pytest.fixture(scope="module")
def caching_browser(browser: Browser) -> Iterator[Browser]:
    """Start a browser with the back/forward cache, which Playwright turns off."""
    caching = browser.browser_type.launch(
        executable_path=chromium.find(),
        args=[*FLAGS, "--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield caching
    caching.close()


@pytest.fixture
def page(
    caching_browser: Browser, live_server: LiveServer, no_request_left: None
) -> Iterator[Page]:
    context = caching_browser.new_context(base_url=live_server.url)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def sign_out(page: Page) -> None:
    open_account_menu(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def expect_nothing(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text(NAME)).to_have_count(0)
    stored = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert NAME not in stored


def test_going_back_shows_no_lead(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> None:
    sign_in(page, rep)
    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    sign_out(page)
    for _ in range(2):
        page.go_back()
        expect_nothing(page)


def test_going_back_shows_no_search(page: Page, sign_in: SignIn, rep: User, bakery: Lead) -> None:
    """htmx replaces the list in place and would cache it for going back."""
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


def test_a_page_from_the_back_forward_cache_is_reloaded(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    """A page restored from the back/forward cache checks who is signed in."""
    sign_in(page, rep, bakery.get_absolute_url())
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect_nothing(page)

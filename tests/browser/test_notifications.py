"""The bell counts what arrives while a page is open, and one tab shows it on the desktop."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle
from tests.messaging.calls import text

# Records in all tabs of a browser what one of them shows.
RECORDER = """
  globalThis.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title) {
      super();
      localStorage.shown = `${localStorage.shown ?? ""}${title};`;
    }
  };
"""


def test_a_reply_is_counted_and_shown_once_until_its_lead_is_opened(
    new_page: Callable[..., Page], sign_in: SignIn, rep: User
) -> None:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    factories.sender(lead.organization)
    page = new_page(viewport={"width": 1280, "height": 900})
    page.context.add_init_script(RECORDER)
    sign_in(page, rep)
    other = page.context.new_page()
    for tab in (page, other):
        tab.clock.install()
        tab.goto("/help/")
        settle(tab)  # the first count is no news
        expect(tab.locator("#unread")).to_be_empty()

    text("Yes, please")
    for tab in (page, other):
        tab.clock.run_for(15_000)
        expect(tab.locator("#unread .unread-count")).to_have_text("1 unread")
        # A region that was there before, so that screen readers say it.
        news = tab.get_by_role("status").filter(has_text="Notifications: 1 unread")
        expect(news).to_have_count(1)
    page.wait_for_function("localStorage.shown")
    assert page.evaluate("localStorage.shown") == "Reply from Ada Baker, Bluebird Bakery;"

    page.get_by_role("button", name="Notifications 1 unread").click()
    page.get_by_role("link", name="Reply from Ada Baker, Bluebird Bakery").click()
    page.wait_for_url(f"**{lead.get_absolute_url()}*")
    # A tab that nobody sees asks for nothing else.
    other.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    requested: list[str] = []
    other.on("request", lambda request: requested.append(request.url.partition("://")[2]))
    other.clock.run_for(60_000)
    expect(other.locator("#unread")).to_be_empty()
    assert [url.partition("/")[2] for url in requested] == ["notifications/bell/"]

"""Wait until a page does nothing of its own, before what a slow machine would do too early."""

from playwright.sync_api import Page, expect

IN_WORK = ".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling"
# focus.js moves the focus 50 ms after a response. A page's timers run in the order of their times.
AFTER_ITS_TIMERS = "() => new Promise((resolve) => setTimeout(resolve, 60))"


def settle(page: Page, *, timers: bool = False) -> None:
    """Wait until the scripts of the page have run, and htmx has shown what it requested.

    Keys and clicks before that do nothing, or something else. Playwright waits for none of this.
    """
    page.wait_for_load_state()
    expect(page.locator(IN_WORK)).to_have_count(0)
    if timers:
        page.evaluate(AFTER_ITS_TIMERS)

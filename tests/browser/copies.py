"""Copy each page into one window, with axe in it, and without the page's scripts.

Chromium would compile axe for each page, and run it slowly until it has seen what it does often.
The copy of a page doesn't request anything, however long it's looked at.
"""

from playwright.sync_api import CDPSession, Page

from tests.browser.settled import IN_WORK
from tests.browser.static_files import EMPTY, FOLDER

# What settled.py does as part of another step: a locator loads Playwright's script in each page.
SETTLE = f"""async (page) => {{
  const end = performance.now() + 30000;
  while (page.readyState !== "complete" || page.querySelector("{IN_WORK}")) {{
    if (performance.now() > end) throw new Error("The page is still loading.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }}
}}"""
# Links refer to the page's own address. The copy has what was typed, but not the focus.
COPY = f"""async () => {{
  const page = opener.document;
  await ({SETTLE})(page);
  if (page.compatMode !== document.compatMode) throw new Error("The page has no doctype.");
  history.replaceState(null, "", opener.location.href);
  document.documentElement.replaceWith(document.importNode(page.documentElement, true));
  await Promise.all([...document.querySelectorAll("link[rel=stylesheet]")].map(
    (link) => link.sheet || new Promise((resolve, reject) => {{
      Object.assign(link, {{ onload: resolve, onerror: reject }});
    }})));
  const place = [...page.querySelectorAll("*")].indexOf(page.activeElement);
  document.querySelectorAll("*")[place]?.focus({{ preventScroll: true }});
}}"""


class Copy:
    """A window with a copy of the page that opened it."""

    def __init__(self, page: Page) -> None:
        # A window refers to the one that opened it only if both are of one site.
        page.goto(f"{FOLDER}{EMPTY}")
        with page.expect_popup() as popup:
            page.evaluate("open(location.href) && null")
        self.page: Page = popup.value
        self.page.wait_for_url(page.url)
        self.session: CDPSession = page.context.new_cdp_session(self.page)

    def take(self) -> None:
        """Copy the page once it has settled."""
        self.page.evaluate(COPY)

    def close(self) -> None:
        self.page.close()

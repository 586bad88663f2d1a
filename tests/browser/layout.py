"""Measure what moves while a page loads, and whether it fits small screens and large text."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import CDPSession, Page, ViewportSize

# A laptop whose page is zoomed to 200 %, and the smallest phone.
ZOOMED, SMALLEST = ViewportSize(width=640, height=450), ViewportSize(width=320, height=700)
NORMAL_TEXT, LARGE_TEXT = {"standard": 16, "fixed": 13}, {"standard": 32, "fixed": 26}
MOST_SHIFT = 0.02
SHIFT = """() => new Promise((resolve) => {
  let shift = 0;
  const add = (list) => list.getEntries().forEach((entry) => {
    shift += entry.hadRecentInput ? 0 : entry.value;
  });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(shift), 20);
})"""


def shift(page: Page) -> str:
    """Return how much moved since the page was opened, empty if it's hardly visible."""
    moved: float = page.evaluate(SHIFT)
    return f"shifts by {moved:.3f}" if moved >= MOST_SHIFT else ""


def resize(page: Page, size: ViewportSize) -> None:
    """Give the page this size. The same again would make Chromium draw it again."""
    if page.viewport_size != size:
        page.set_viewport_size(size)


def overflow(page: Page, size: ViewportSize) -> str:
    """Return how far the page has to be scrolled sideways in this size, empty if it needn't."""
    resize(page, size)
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return f"{over} px too wide" if over else ""


FITS = """() => {
  const isAny = (element, test) => {
    for (let it = element; it; it = it.parentElement) {
      if (test(getComputedStyle(it))) return true;
    }
    return false;
  };
  const isCut = (element) => {
    const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(element);
    const isTooWide = element.scrollWidth > element.clientWidth + 1;
    const isTooHigh = element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 3;
    return isTooWide && overflowX === "hidden" && textOverflow !== "ellipsis"
      || isTooHigh && overflowY === "hidden" && webkitLineClamp === "none";
  };
  // A row's link covers the row, and what floats covers what's below it.
  const isCovered = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const { x, y, width, height } = range.getBoundingClientRect();
    const over = document.elementFromPoint(x + width / 2, y + height / 2);
    return over && !over.contains(element) && !element.contains(over)
      && !over.closest("tr, li")?.contains(element)
      && !isAny(over, ({ position }) => ["fixed", "sticky", "absolute"].includes(position));
  };
  const hasText = (element) => element.checkVisibility()
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    && !isAny(element, ({ clipPath }) => clipPath !== "none");
  const all = [...document.querySelectorAll("main *")];
  const over = document.documentElement.scrollWidth - innerWidth;
  const isTooWide = (element) => over && element.getBoundingClientRect().right > innerWidth + 1;
  return [
    ...all.filter(isTooWide).map((it) => `${over} px too wide: ${it.tagName} ${it.className}`),
    ...all.filter((element) => hasText(element) && (isCut(element) || isCovered(element)))
      .map((element) => element.outerHTML.slice(0, 200)),
    ...(over ? [`${over} px too wide`] : []),
  ].join(", ");
}"""


def fits(page: Page, size: ViewportSize) -> str:
    """Return what's too wide, cut off, or covered in this size, empty if nothing is."""
    resize(page, size)
    problems: str = page.evaluate(FITS)
    return problems


@contextmanager
def large_text(session: CDPSession) -> Iterator[None]:
    """Make text twice as large: what people set in their browser or phone."""
    session.send("Page.setFontSizes", {"fontSizes": LARGE_TEXT})
    yield
    session.send("Page.setFontSizes", {"fontSizes": NORMAL_TEXT})

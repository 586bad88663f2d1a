"""Measure what moves while a page loads, and whether it fits small screens and large text."""

from playwright.sync_api import Page, ViewportSize

# The smallest phone, and a laptop whose text is twice as large.
SMALL = ViewportSize(width=320, height=700), ViewportSize(width=640, height=450)
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


def overflow(page: Page) -> str:
    """Return where the page has to be scrolled sideways, empty if nowhere."""
    found = []
    for viewport in SMALL:
        page.set_viewport_size(viewport)
        if over := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            found.append(f"{over} px too wide at {viewport['width']} px")
    return ", ".join(found)

"""Move through a page with the keyboard, and check that the focus is visible at each step."""

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.settled import settle

# Whether the target still is on the page, whether it has the focus, and whether that is visible.
STEP = """(target) => {
  const it = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(it);
  const { top, bottom } = it.getBoundingClientRect();
  const isOutlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  const isVisible = it === document.body || isOutlined && bottom > 0 && top < innerHeight;
  return [target.isConnected, it === target, isVisible];
}"""


def tab_to(target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus, and check that the focus is visible on the way."""
    page = target.page
    settle(page)
    element = target.element_handle()
    for _ in range(100):
        page.keyboard.press(key)
        is_there, is_reached, is_visible = element.evaluate(STEP)
        assert is_visible, page.evaluate("document.activeElement.outerHTML")
        if is_reached:
            return
        if not is_there:  # an update of the page has replaced it
            element = target.element_handle()
    pytest.fail(f"{key} does not reach {target}")


def fill(target: Locator, text: str) -> None:
    tab_to(target)
    target.page.keyboard.press("ControlOrMeta+A")
    target.page.keyboard.insert_text(text)


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)

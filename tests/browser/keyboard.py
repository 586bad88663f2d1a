"""Move through a page with the keyboard, and check that the focus is visible at each step."""

import pytest
from playwright.sync_api import Locator, Page

SHOWS = """() => {
  const it = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(it);
  const { top, bottom } = it.getBoundingClientRect();
  const isOutlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  return it === document.body || isOutlined && bottom > 0 && top < innerHeight;
}"""
HAS_FOCUS = "it => it === document.activeElement"


def tab_to(target: Locator, key: str = "Tab") -> None:
    page = target.page
    for _ in range(100):
        page.keyboard.press(key)
        assert page.evaluate(SHOWS), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate(HAS_FOCUS):
            return
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

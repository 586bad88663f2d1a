"""Somebody without a mouse: Tab by Tab, and wherever the focus is, it shows."""

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


def tab_to(wanted: Locator, key: str = "Tab") -> None:
    page = wanted.page
    for _ in range(100):
        page.keyboard.press(key)
        assert page.evaluate(SHOWS), page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate(HAS_FOCUS):
            return
    pytest.fail(f"{key} does not lead to {wanted}")


def fill(wanted: Locator, text: str) -> None:
    tab_to(wanted)
    wanted.page.keyboard.press("ControlOrMeta+A")
    wanted.page.keyboard.insert_text(text)


def press(wanted: Locator, key: str = "Enter") -> None:
    tab_to(wanted)
    wanted.page.keyboard.press(key)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)

"""Only the article is printed, in black on white, in any color scheme."""

import pytest
from playwright.sync_api import Page, expect

WHITE, TRANSPARENT, BLACK = "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)", "rgb(0, 0, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_article_is_printed_in_black_on_white(page: Page, scheme: str) -> None:
    page.goto("/help/why-texts-fail/")
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    cells = page.locator(".prose :is(table, th, td, p)")
    backgrounds = cells.evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert cells.count() > 20
    assert set(backgrounds) <= {WHITE, TRANSPARENT}
    expect(page.locator(".prose td").first).to_have_css("color", BLACK)
    for selector in ("nav", "form", ".permalink", "aside"):
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()

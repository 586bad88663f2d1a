"""Only the article is printed, in black on white, in any color scheme."""

from playwright.sync_api import Page, expect

WHITE, TRANSPARENT, BLACK = "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)", "rgb(0, 0, 0)"


COLORS = "all => all.map(one => getComputedStyle(one).backgroundColor)"


def test_only_the_article_is_printed_in_black_on_white(page: Page) -> None:
    page.goto("/help/why-texts-fail/")
    for scheme in ("light", "dark"):
        page.emulate_media(media="print", color_scheme=scheme)
        cells = page.locator(".prose :is(table, th, td, p)")
        assert cells.count() > 20
        assert set(cells.evaluate_all(COLORS)) <= {WHITE, TRANSPARENT}
        expect(page.locator(".prose td").first).to_have_css("color", BLACK)
    expect(page.get_by_role("heading", name="Why do texts fail?")).to_be_visible()
    for selector in ("nav", "form", "[role=search]", ".permalink", "aside"):
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()
    expect(page.get_by_text("Was this helpful?")).to_be_hidden()

"""Articles and leads are printed without what only works on a screen, in any color scheme."""

from playwright.sync_api import Page, expect

from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn

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


def test_a_lead_is_printed_without_controls(page: Page, sign_in: SignIn, rep: User) -> None:
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.message(lead, text="See you at ten", contact=factories.contact(lead))
    sign_in(page, rep, lead.get_absolute_url())
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Bluebird Bakery")).to_be_visible()
    expect(page.get_by_text("See you at ten").first).to_be_visible()
    for selector in ("#composer", ".lead-menu", ".button", "dd:has(.none)"):
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()

"""No text is cut off, neither in the navigation on a phone nor in a select."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from leads.models import Lead
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.browser.conftest import SignIn
from tests.support.conftest import DETAILS

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def bakery(rep: User) -> Lead:
    """Return a lead of an organization with a whitelisted sender number."""
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    sender = factories.sender(lead.organization)
    support_request = SupportRequest.objects.create(
        organization=lead.organization, created_by=rep, sender=sender, **DETAILS
    )
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    move(support_request, State.SUBMITTED, rep)
    move(support_request, State.SENT_TO_CARRIER, staff)
    move(support_request, State.WHITELISTED, staff)
    return lead


def test_a_numbers_badge_is_visible_in_the_composer(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    sign_in(page, rep, bakery.get_absolute_url())
    page.get_by_label("Text", exact=True).click()
    number = page.get_by_label("From", exact=True)
    assert "(whitelisted)" in number.inner_text()
    assert number.evaluate(
        "it => { const shown = it.offsetWidth; it.style.width = 'max-content';"
        " return it.offsetWidth <= shown; }"
    )
    # A phone has no room for the badge there.
    page.set_viewport_size(PHONE)
    expect(page.locator("#check").get_by_text("whitelisted", exact=True)).to_be_visible()


def test_the_search_reference_and_the_navigation_fit_on_a_phone(
    page: Page, sign_in: SignIn, rep: User
) -> None:
    page.set_viewport_size(PHONE)
    for model in ("message", "lead"):
        sign_in(page, rep, f"/search/words/?model={model}")
        navigation = page.get_by_role("navigation", name="Main")
        assert navigation.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
        table = page.get_by_role("table")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], model
        assert table.evaluate("({parentElement: it}) => it.scrollWidth <= it.clientWidth"), model
        broken = table.evaluate(
            """table => [...table.querySelectorAll("th code")]
              .filter((name) => name.getClientRects().length > 1).map((name) => name.textContent)"""
        )
        assert broken == []
    underscores_are_readable(page)


def underscores_are_readable(page: Page) -> None:
    """Check that the underline of links is below underscores, so that they aren't one bar."""
    bars = page.get_by_role("link", name="latest_sms_status:error").evaluate(
        """link => {
          const style = getComputedStyle(link);
          const size = parseFloat(getComputedStyle(link.firstChild).fontSize);
          const pen = document.createElement("canvas").getContext("2d");
          pen.font = getComputedStyle(link.firstChild).font;
          const foot = pen.measureText("_").actualBoundingBoxDescent;
          return [parseFloat(style.textUnderlineOffset), foot];
        }"""
    )
    assert bars[0] >= bars[1] + 1, bars

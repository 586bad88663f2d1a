"""A word that is cut off is no word: neither in the navigation on a phone nor in a select."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from leads.models import Lead
from smscenter.accounts.models import User
from smscenter.support.models import Request
from smscenter.support.states import State
from tests import factories
from tests.browser.conftest import SignIn
from tests.support.conftest import DETAILS

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def bakery(rep: User) -> Lead:
    """Of an organization with a number that is whitelisted."""
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead)
    sender = factories.sender(lead.organization)
    asked = Request.objects.create(
        organization=lead.organization, created_by=rep, sender=sender, **DETAILS
    )
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    asked.move(State.SUBMITTED, rep)
    asked.move(State.SENT_TO_CARRIER, staff)
    asked.move(State.WHITELISTED, staff)
    return lead


def test_all_of_the_navigation_is_on_a_phone(page: Page, sign_in: SignIn, rep: User) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, rep)
    navigation = page.get_by_role("navigation", name="Main")
    assert navigation.evaluate("nav => nav.scrollWidth <= nav.clientWidth")


def test_the_mark_of_a_number_is_in_the_composer(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    sign_in(page, rep)
    page.goto(bakery.get_absolute_url())
    number = page.get_by_label("From", exact=True)
    assert "(whitelisted)" in number.inner_text()
    assert number.evaluate(
        "it => { const shown = it.offsetWidth; it.style.width = 'max-content';"
        " return it.offsetWidth <= shown; }"
    )
    # A phone has no room for it there.
    page.set_viewport_size(PHONE)
    expect(page.locator("#check").get_by_text("whitelisted", exact=True)).to_be_visible()

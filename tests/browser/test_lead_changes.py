"""Duplicates appear while a lead is being typed, and many leads are assigned at once."""

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_a_duplicate_is_shown_while_someone_types(
    page: Page, sign_in: SignIn, rep: User, lead: Lead
) -> None:
    factories.contact(lead)
    sign_in(page, rep, "/leads/new/")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Someone else")
    found = page.get_by_role("status").filter(has_text="This lead may already exist")
    expect(found).to_be_hidden()

    page.get_by_label("Phone number").press_sequentially("415.555.0123")
    expect(found).to_contain_text("same phone number, (415) 555-0123")
    expect(page.get_by_label("Phone number")).to_be_focused()
    expect(page.get_by_role("button", name="Create anyway")).to_be_visible()

    page.get_by_role("link", name="Open Bluebird Bakery").click()
    expect(page.get_by_role("heading", name="Bluebird Bakery")).to_be_visible()


def test_two_leads_are_assigned_in_four_actions_and_one_undoes_it(
    page: Page, sign_in: SignIn, rep: User, colleague: User
) -> None:
    leads = [factories.lead(rep, f"Lead {number}") for number in range(3)]
    sign_in(page, rep)
    page.get_by_role("checkbox", name="Select Lead 0").check()  # 1
    page.get_by_role("checkbox", name="Select Lead 2").check()  # 2
    page.get_by_label("Change selected rows").select_option("Assign to carl")  # 3
    page.get_by_role("button", name="Change selected").click()  # 4

    expect(page.get_by_text("2 leads assigned to carl.")).to_be_visible()
    assert Lead.objects.filter(owner=colleague).count() == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. 2 leads changed back.")).to_be_visible()
    assert Lead.objects.filter(owner=rep).count() == len(leads)

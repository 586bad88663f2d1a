"""A rep decides about several unconfirmed texts at once."""

from playwright.sync_api import Page, expect

from messaging.models import Attempt
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle


def test_all_texts_of_a_page_are_selected_and_marked_as_sent(
    page: Page, sign_in: SignIn, rep: User
) -> None:
    lead = factories.lead(rep)
    for n in range(3):
        message = factories.message(lead, status="outbox", text=f"Text {n}")
        Attempt.objects.create(
            organization=lead.organization, message=message, carrier="sandbox", state="uncertain"
        )
    sign_in(page, rep, "/messages/")
    page.get_by_role("link", name="Unconfirmed (3)").click()

    everything = page.get_by_label("Select all on this page")
    boxes = page.get_by_label("Select the text to")
    expect(boxes).to_have_count(3)
    settle(page)
    everything.check()
    assert [box.is_checked() for box in boxes.all()] == [True] * 3
    boxes.first.uncheck()
    expect(everything).not_to_be_checked()
    page.get_by_role("button", name="Mark as sent").click()
    expect(page.get_by_role("heading", name="Mark 2 texts as sent?")).to_be_visible()
    page.get_by_role("button", name="Mark 2 texts as sent").click()

    expect(page.get_by_text("Marked 2 texts as sent.")).to_be_visible()
    expect(boxes).to_have_count(1)

"""Forty-two failures are walked through with one key each, and fixed by another."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.layout import resize

MANY = 42


@pytest.fixture
def failed_leads(rep: User) -> list[Lead]:
    """Return leads in the order of their names, each with a text that failed."""
    quiet = factories.lead(rep, "Quiet Quarry")
    own = {"organization": quiet.organization}
    leads = Lead.objects.bulk_create(
        Lead(**own, name=f"Lead {number:02}", owner=rep, status=quiet.status)
        for number in range(MANY)
    )
    SmsMessage.objects.bulk_create(
        SmsMessage(
            **own,
            lead=lead,
            direction="outgoing",
            status="error",
            reason="unreachable",
            text="Hello",
            remote_phone=factories.MOBILE,
            user=rep,
        )
        for lead in leads
    )
    return leads


def test_forty_two_failures_take_one_key_each(
    page: Page, sign_in: SignIn, rep: User, failed_leads: list[Lead]
) -> None:
    sign_in(page, rep, "/leads/?q=failed_sms>0&sort=name")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for number, lead in enumerate(failed_leads, 1):
        # Its scripts have run then, and nothing waits for what loads after them.
        page.wait_for_url(f"**{lead.get_absolute_url()}?*", wait_until="domcontentloaded")
        assert page.locator(".trail").inner_text().startswith(f"{number} of {MANY}")
        page.keyboard.press("j")


def test_a_failure_is_fixed_by_a_key(page: Page, sign_in: SignIn, rep: User) -> None:
    lead = factories.lead(rep, "Bluebird Bakery")
    failed = factories.message(
        lead,
        status="error",
        reason="spam",
        text="Act now",
        user=rep,
        contact=factories.contact(lead),
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization, message=failed, carrier="sandbox", state="failed"
    )
    sign_in(page, rep)
    page.goto("/")
    page.keyboard.press("j")
    edit = page.get_by_role("link", name="Edit and resend: Flagged as spam")
    expect(edit).to_be_focused()

    resize(page, ViewportSize(width=1280, height=560))
    page.goto(lead.get_absolute_url())
    page.keyboard.press("f")
    text = page.get_by_role("dialog").get_by_label("Text to resend")
    expect(text).to_be_focused()
    assert text.evaluate("field => field.selectionStart") == len("Act now")
    expect(page.get_by_role("button", name="Resend to")).to_be_in_viewport(ratio=1)

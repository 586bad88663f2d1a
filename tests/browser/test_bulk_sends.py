"""A rep texts 200 leads at once, and sees what became of each."""

from collections import Counter
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import BulkSend, SmsMessage
from messaging.outgoing import results
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.messaging.outgoing.bulk import crowd


@pytest.fixture
def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again after a second about a text whose request hung."""
    settings.CARRIER_TIMEOUT_SECONDS = 1
    settings.CARRIER_FAILURES_BEFORE_PAUSE = 100
    monkeypatch.setattr(results, "DELAYS", (timedelta(seconds=1),) * 3)


def test_two_hundred_are_texted_and_each_is_accounted_for(
    page: Page,
    sign_in: SignIn,
    rep: User,
    impatient: None,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rep.organization is not None
    factories.sender(rep.organization, rate=1000)
    crowd.create(rep, monkeypatch, good=170, refused=10, failing=16, hanging=3)
    sign_in(page, rep, "/leads/")
    page.get_by_role("button", name="Text all 200").click()
    page.get_by_label("Text", exact=True).fill("Hi {{ contact.first_name }}, we open at 9")
    page.get_by_label("Texts per minute").fill("300")
    page.get_by_role("button", name="Preview").click()

    send = page.get_by_role("button", name="Send 189 texts")
    expect(send).to_be_visible()
    account = page.get_by_role("region", name="Progress")
    expect(account).to_contain_text("Opted out 10")
    expect(account).to_contain_text("Number doesn't exist 1")
    expect(page.get_by_role("region", name="Recipients")).to_contain_text("Hi Ada, we open at 9")
    send.click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    BulkSend.objects.update(pace=6_000)
    page.get_by_role("button", name="Resume").click()

    expect(account).to_contain_text("200 of 200 done")
    expect(page.get_by_text("done", exact=True)).to_be_visible()
    expect(account.get_by_role("row", name="Sent")).to_contain_text("173")
    expect(account.get_by_role("row", name="Failed")).to_contain_text("16")
    expect(account.get_by_role("row", name="Left out")).to_contain_text("11")
    expect(account.get_by_role("row", name="All")).to_contain_text("200")
    account.get_by_role("link", name="Flagged as spam").click()
    rows = page.get_by_role("region", name="Recipients").locator("tbody tr")
    expect(rows).to_have_count(4)
    assert Counter(text.to for text in sandbox.messages).most_common(1)[0][1] == 1
    assert SmsMessage.objects.count() == 189
    assert BulkSend.objects.get().items.count() == 200

"""The lead page is a conversation first, and failures are mended in it with few actions."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect
from pytest_django import Settings

from leads.models import ContactPhone, Lead, LeadVisit, Note
from messaging.models import Attempt, MessageTemplate, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=700)
SHIFT = """() => new Promise((resolve) => {
  let total = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    total += entry.hadRecentInput ? 0 : entry.value;
  })).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(total), 600);
})"""


@pytest.fixture
def bakery(rep: User, colleague: User) -> Lead:
    """Return a lead with a conversation of two days, a note, and a text that failed."""
    lead = factories.lead(rep, "Bluebird Bakery")
    ada, sender = factories.contact(lead, name="Ada Baker"), factories.sender(lead.organization)
    texts = {"contact": ada, "sender": sender, "user": rep}
    at = timezone.now() - timedelta(days=2)
    for number in range(20):
        is_reply = number % 2
        direction = {"direction": "incoming", "status": "inbox", "user": None} if is_reply else {}
        factories.message(
            lead,
            text=f"Text {number}: could you send a photo of the meter?",
            created=at + timedelta(hours=number),
            **texts | direction,
        )
    Note.objects.create(
        organization=lead.organization, lead=lead, user=colleague, text="Wants to sign soon."
    )
    failed = factories.message(lead, status="error", reason="not_sms_capable", text="Hi", **texts)
    Attempt.objects.create(
        organization=lead.organization, message=failed, carrier="sandbox", state="failed"
    )
    MessageTemplate.objects.create(organization=lead.organization, name="Follow-up", text="Hello!")
    return lead


def above_the_fold(page: Page, bottom: Locator | None = None) -> int:
    """Count the activities that are wholly visible, above what's docked at the bottom."""
    size = page.viewport_size
    box = bottom and bottom.bounding_box()
    assert size
    limit = box["y"] if box else size["height"]
    boxes = [row.bounding_box() for row in page.locator("#timeline > .activity").all()[:15]]
    return sum(box is not None and box["y"] + box["height"] <= limit for box in boxes)


def test_the_conversation_is_above_the_fold_and_does_not_jump(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    composer = page.locator("#composer")
    page.set_viewport_size(WIDE)
    sign_in(page, rep, bakery.get_absolute_url())
    assert page.evaluate(SHIFT) < 0.02
    assert above_the_fold(page) >= 5
    height = composer.bounding_box()
    assert height
    assert height["height"] <= 60
    expect(page.locator("#timeline .day:visible").first).to_have_text("Today")

    page.set_viewport_size(PHONE)
    page.reload()
    assert page.evaluate(SHIFT) < 0.02
    assert above_the_fold(page, composer) >= 3
    docked, bar = composer.bounding_box(), page.locator(".navigation").bounding_box()
    assert docked
    assert bar
    assert docked["y"] + docked["height"] <= bar["y"] + 1
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_a_landline_is_corrected_and_resent_in_four_actions(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead, settings: Settings
) -> None:
    settings.SEND_UNDO_SECONDS = 60
    failed = SmsMessage.objects.get(status="error")
    sign_in(page, rep)
    scripts: list[Route] = []

    def keep(route: Route) -> None:
        scripts.append(route)

    page.route("**/templates*.js", keep)
    page.get_by_role("link", name="error", exact=True).click()  # 1
    text = page.locator(f"#message-{failed.pk}")
    text.get_by_role("button", name="Correct and resend").click()  # 2, before the page is loaded
    expect(page.get_by_label("New number")).to_be_focused()
    scripts[0].continue_()
    settle(page, timers=True)
    expect(page.get_by_label("New number")).to_be_focused()
    page.keyboard.type("617 555 0150")  # 3
    resend = page.get_by_role("button", name="Save and resend to (617) 555-0150")
    expect(resend).to_be_visible()
    page.keyboard.press("Enter")  # 4

    expect(text).to_contain_text("Resent to (617) 555-0150 → sending")
    expect(text).to_be_focused()
    expect(page.locator("#timeline > .activity").first).to_contain_text("(617) 555-0150")
    expect(page.locator("#contacts")).to_contain_text("(617) 555-0150")
    new = failed.replacements.get()
    SmsMessage.objects.filter(pk=new.pk).update(status="sent", sent=timezone.now())
    expect(text).to_contain_text("→ sent")
    SmsMessage.objects.filter(pk=new.pk).update(status="outbox", sent=None)

    page.get_by_role("button", name="Undo", exact=True).click()
    expect(text.get_by_role("button", name="Correct and resend")).to_be_visible()
    expect(page.locator("#contacts")).to_contain_text("(415) 555-0123")
    assert ContactPhone.objects.get().phone == factories.MOBILE


def test_focus_stays_where_the_next_key_belongs(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    sign_in(page, rep, bakery.get_absolute_url())
    text = page.get_by_label("Text", exact=True)
    text.click()
    page.keyboard.type("/")
    page.keyboard.press("Enter")
    expect(text).to_have_value("Hello!")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(text).to_have_value("")
    expect(text).to_be_focused()

    page.get_by_role("link", name="Status: New").click()
    expect(page.get_by_role("button", name="New", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Status: New")).to_be_focused()
    page.get_by_role("link", name="Add website").click()
    expect(page.get_by_label("Website", exact=True)).to_be_focused()
    page.keyboard.type("bluebird.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Edit website")).to_be_focused()
    assert Lead.objects.get().url == "https://bluebird.example"

    page.get_by_role("link", name="Edit Ada Baker").click()
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_role("link", name="Edit Ada Baker")).to_be_focused()
    settle(page, timers=True)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="Edit Ada Baker")).to_be_focused()


def test_new_activities_are_marked_and_grouped_by_day(
    page: Page, sign_in: SignIn, rep: User, bakery: Lead
) -> None:
    sign_in(page, rep, bakery.get_absolute_url())
    expect(page.locator(".new-above")).to_have_count(0)
    factories.message(bakery, direction="incoming", status="inbox", text="One more thing")
    LeadVisit.objects.update(seen=timezone.now() - timedelta(seconds=30))
    Note.objects.update(created=timezone.now() - timedelta(minutes=5))
    page.reload()
    expect(page.locator(".activity:has(+ .new-above)")).to_contain_text("One more thing")
    page.reload()
    expect(page.locator(".new-above")).to_have_count(0)

    factories.message(bakery, direction="incoming", status="inbox", text="Are you there?")
    page.evaluate("htmx.trigger(document.body, 'timeline-changed')")
    expect(page.locator("#timeline > .activity").first).to_contain_text("Are you there?")
    expect(page.locator("#timeline .day:visible").filter(has_text="Today")).to_have_count(1)

"""What a screen reader says in five stories: names, errors, and what changes by itself."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Lead
from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

# Collect what live regions say: their text whenever it changes.
LISTEN = """() => {
  window.said = [];
  const say = (node) => {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const own = element?.closest?.("[role=status], [role=alert]");
    const inside = [...(element?.querySelectorAll?.("[role=alert]") ?? [])];
    for (const region of own ? [own] : inside) {
      const text = region.innerText.replace(/\\s+/g, " ").trim();
      if (text && text !== window.said.at(-1)) window.said.push(text);
    }
  };
  new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => {
    [target, ...addedNodes].forEach(say);
  })).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
# The focused element as it's read: its name, its state, and its description.
FOCUSED = """() => {
  const it = document.activeElement;
  if (!it) return ""; // during a navigation
  const named = it.labels?.[0]?.innerText ?? it.getAttribute("aria-label") ?? it.innerText;
  const ids = (it.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  const described = ids.map((id) => document.getElementById(id)?.innerText);
  const invalid = it.getAttribute("aria-invalid") === "true" ? ["invalid"] : [];
  return [named, ...invalid, ...described].join(", ").replace(/\\s+/g, " ").trim();
}"""


@pytest.fixture
def lead(rep: User) -> Lead:
    lead = factories.lead(rep, "Bluebird Bakery")
    ada, sender = factories.contact(lead, name="Ada Baker"), factories.sender(lead.organization)
    failed = factories.message(
        lead, status="error", reason="not_sms_capable", contact=ada, sender=sender, user=rep
    )
    Attempt.objects.create(
        organization=lead.organization, message=failed, carrier="sandbox", state="failed"
    )
    return lead


@pytest.fixture
def lead_page(page: Page, sign_in: SignIn, rep: User, lead: Lead) -> Page:
    sign_in(page, rep, lead.get_absolute_url())
    page.evaluate(LISTEN)
    return page


def said(page: Page, text: str) -> None:
    """Wait until a live region has said this."""
    page.wait_for_function("text => window.said.some((each) => each.includes(text))", arg=text)


def focused(page: Page, text: str) -> None:
    """Wait until the focused element is read as this, or begins with it."""
    page.wait_for_function(f"text => ({FOCUSED})().startsWith(text)", arg=text)


def test_a_wrong_password_is_an_alert(page: Page, rep: User) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(rep.username)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - alert:
        - text: "Error:"
        - list:
          - listitem: /Wrong username or password/
      - textbox "Username or email"
      - textbox "Password"
      - button "Sign in"
    """)


def test_errors_of_forms_and_searches_begin_with_error(
    page: Page, sign_in: SignIn, rep: User, lead: Lead
) -> None:
    sign_in(page, rep)
    page.evaluate(LISTEN)
    page.keyboard.press("/")
    focused(page, "Search leads")
    page.keyboard.type("staus:new")
    page.keyboard.press("Enter")
    said(page, "Error: “staus” isn't a search field.")
    page.goto("/leads/new/")
    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Create lead").click()
    focused(page, "Name, invalid, Error: Enter a name.")


def test_a_failure_says_why_and_how_to_mend_it(page: Page, sign_in: SignIn, lead: Lead) -> None:
    sign_in(page, User.objects.get(username="rita"))
    expect(page.get_by_role("row").last).to_match_aria_snapshot("""
      - row /error Landline/:
        - rowheader "Bluebird Bakery"
    """)
    with page.expect_navigation():
        page.get_by_role("link", name="error", exact=True).click()
    page.evaluate(LISTEN)
    page.get_by_role("button", name="error: Landline. See why and what to do").press("Enter")
    expect(page.get_by_role("dialog")).to_match_aria_snapshot("""
      - dialog "Landline":
        - heading "Landline" [level=3]
        - textbox "New number"
        - paragraph:
          - button /Save and resend/
    """)
    focused(page, "New number")
    settle(page)
    page.keyboard.type("617 555 0150")
    said(page, "United States number.")
    page.keyboard.press("Enter")
    said(page, "Resending to (617) 555-0150")
    said(page, "sending")


def test_a_text_is_checked_sent_and_reported(lead_page: Page) -> None:
    page = lead_page
    page.get_by_label("Text", exact=True).fill("On my way")
    said(page, "1 segment")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline > .activity").first).to_contain_text("On my way")
    focused(page, "Text")
    SmsMessage.objects.filter(text="On my way").update(status="error", reason="spam")
    page.evaluate("htmx.trigger(document.body, 'timeline-changed')")
    said(page, "Flagged as spam")


def test_a_text_is_scheduled_in_four_actions(lead_page: Page) -> None:
    page = lead_page
    page.get_by_label("Text", exact=True).fill("See you in June")  # 1
    page.locator("#composer summary", has_text="Send later").click()  # 2
    page.get_by_label("Date and time").fill(f"{timezone.now().year + 1}-06-02T10:00")  # 3
    said(page, "10:00 AM their time")
    page.get_by_role("button", name="Schedule text").click()  # 4
    said(page, "Scheduled: sends")
    assert SmsMessage.objects.get(status="scheduled").text == "See you in June"
    expect(page.get_by_role("button", name="Undo scheduling this text")).to_be_visible()

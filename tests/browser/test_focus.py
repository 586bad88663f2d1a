"""After everything that changes a part of the page, the focus is where the next key belongs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page

from leads.models import Lead, Note
from messaging.models import Attempt, MessageTemplate
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

FOCUSED = """() => {
  const it = document.activeElement;
  const label = it.labels?.[0]?.innerText ?? it.getAttribute("aria-label") ?? it.innerText;
  return it === document.body ? "nothing" : it.matches("li.activity, section, article") ? it.id
    : label.replace(/\\s+/g, " ").trim();
}"""
# The response to a poll may come before the focus has moved after another one.
POLL_BETWEEN = """() => document.addEventListener("htmx:afterRequest", () => {
  const detail = { requestConfig: { elt: document.body }, target: document.body, xhr: {} };
  document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail }));
})"""


@pytest.fixture
def ids(rep: User) -> dict[str, int]:
    """Return a lead with a note, and a text in each state that people can act on."""
    lead = factories.lead(rep, "Bluebird Bakery")
    ada, sender = factories.contact(lead, name="Ada Baker"), factories.sender(lead.organization)
    own = {"organization": lead.organization}
    MessageTemplate.objects.create(**own, name="Follow-up", text="Hello!")
    texts = {"contact": ada, "sender": sender, "user": rep}
    ids = {"lead": lead.pk}
    for number, (name, status) in enumerate(
        [("failed", "error"), ("waiting", "error"), ("scheduled", "scheduled")]
    ):
        text = factories.message(
            lead, status=status, reason="unreachable" if status == "error" else "", **texts
        )
        state = {"failed": "failed", "waiting": "failed", "scheduled": "queued"}[name]
        Attempt.objects.create(**own, message=text, carrier="sandbox", state=state)
        ids[name] = text.pk
        ids[f"note{number}"] = Note.objects.create(**own, lead=lead, user=rep, text=name).pk
    return ids


Act = Callable[[Page], None]
OPENED = "error: Phone unreachable. See why and what to do"


def click(role: str, name: str, inside: str = "main") -> Act:
    return lambda page: page.locator(inside).get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def press(key: str) -> Act:
    return lambda page: page.keyboard.press(key)


def write(text: str) -> Act:
    return lambda page: page.keyboard.type(text)


def test_focus_is_never_lost(page: Page, sign_in: SignIn, rep: User, ids: dict[str, int]) -> None:
    note, below = f"#note-{ids['note1']}", f"message-{ids['waiting']}"
    failed, scheduled = f"message-{ids['failed']}", f"#message-{ids['scheduled']}"
    steps: list[tuple[Act, str]] = [
        (lambda page: page.locator(".note-form summary").click(), "Write a note"),
        (lambda page: page.get_by_label("Note").fill("Sent by mouse"), "Note"),
        (click("button", "Save note"), "Write a note"),
        (click("link", "Edit", note), "Note"),
        (press("Escape"), note[1:]),
        (click("link", "Edit", note), "Note"),
        (click("button", "Save note", note), note[1:]),
        (click("link", "Edit the details"), "Name"),
        (press("Escape"), "Edit the details"),
        (click("link", "Edit the details"), "Name"),
        (click("button", "Save"), "Edit the details"),
        (click("link", "Status: New"), "New"),
        (press("Escape"), "Status: New"),
        (click("link", "Add a contact"), "Name"),
        (click("link", "Cancel", "#contacts"), "Add a contact"),
        (click("link", "Edit Ada Baker"), "Name"),
        (lambda page: page.locator("[name=phones-0-phone]").fill("12"), "Phone"),
        (click("button", "Save contact"), "Phone"),
        (click("link", "Cancel", "#contacts"), "Edit Ada Baker"),
        (click("button", "Delete", note), below),
        (lambda page: page.locator(f"#{failed} .label.error").click(), OPENED),
        (click("button", "Mark as handled", f"#{failed}"), failed),
        (click("button", "Undo"), failed),
        (click("button", "Cancel the scheduled text", scheduled), below),
    ]
    sign_in(page, rep, Lead.objects.get().get_absolute_url())
    page.evaluate(POLL_BETWEEN)
    for act, focused in steps:
        act(page)
        try:
            page.wait_for_function(f"focused => ({FOCUSED})() === focused", arg=focused)
        except Error:
            pytest.fail(f"{page.evaluate(FOCUSED)} has the focus, not {focused}")
        settle(page, timers=True)  # no person is faster

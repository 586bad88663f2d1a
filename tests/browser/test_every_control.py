"""Tab reaches every control that a page shows, and nothing works only with a mouse."""

from typing import Any

import pytest
from playwright.sync_api import Page

from leads.models import Lead
from messaging.models import MessageTemplate
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.settled import settle

# Before a page's own scripts: remember which elements listen to the mouse.
WATCH = """
window.listening = new Set();
const add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, ...rest) {
  if (this instanceof Element && /^(click|mousedown|pointerdown)$/.test(type)) {
    listening.add(this);
  }
  return add.call(this, type, ...rest);
};
"""
# Note what gets the focus, and whether it shows. An update of the page may replace an element, so
# each is known by what it's for. Of radio buttons, Tab reaches the chosen one.
PREPARE = """() => {
  const CONTROL = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const isShown = (it) => it.checkVisibility({ visibilityProperty: true })
    && it.getClientRects().length && !it.matches(":disabled, [type=hidden], [inert] *");
  const keyOf = (it) => [it.tagName, it.id, it.getAttribute("href"),
    it.getAttribute("popovertarget"), it.name, it.type === "radio" ? "" : it.value,
    it.ariaLabel, it.textContent.trim().slice(0, 60), it.closest("form")?.getAttribute("action")]
    .filter(Boolean).join(" ").replace(/\\s+/g, " ");
  window.reached = new Set();
  window.unseen = [];
  window.shown = (root) => [...root.querySelectorAll(CONTROL)].filter(isShown);
  window.missing = (selector) => shown(document.querySelector(selector)).map(keyOf)
    .filter((key) => !reached.has(key));
  // htmx listens to forms, which their buttons send.
  window.forMouseOnly = () => {
    const isControl = (it) => it.closest(`${CONTROL}, label, [role=listbox]`);
    const hasControl = (it) => (it.closest("tr, li") ?? it).querySelector(CONTROL);
    const requests = [...document.querySelectorAll("[hx-get], [hx-post], [hx-put], [hx-delete]")]
      .filter((it) => /click/.test(it.getAttribute("hx-trigger") ?? "click")
        && !it.matches("form, input, select, textarea"));
    const points = [...document.querySelectorAll("body *")].filter(
      (it) => isShown(it) && getComputedStyle(it).cursor === "pointer" && !hasControl(it));
    const acts = [...document.querySelectorAll(
      "[data-open], [data-copy], [data-to], [data-insert], [data-go]")];
    return [...requests, ...acts, ...points, ...listening]
      .filter((it) => it.isConnected && !isControl(it) && !it.matches("form"))
      .concat([...document.querySelectorAll("[draggable=true]")].filter((it) => !hasControl(it)))
      .map((it) => it.outerHTML.slice(0, 150));
  };
  document.addEventListener("focusin", ({ target }) => {
    const isOutlined = (it) => it && getComputedStyle(it).outlineStyle !== "none"
      && parseFloat(getComputedStyle(it).outlineWidth) > 0;
    reached.add(keyOf(target));
    if (!isOutlined(target) && !isOutlined(target.closest("li"))) {  // a link that covers its row
      unseen.push(target.outerHTML.slice(0, 150));
    }
  });
}"""
AT_ONCE = 25  # keys, before asking the page what's missing


@pytest.fixture
def failed(rep: User) -> Lead:
    """Return a lead with a reply and a failed text, and with what the lists show besides."""
    lead = factories.lead(rep, "Bluebird Bakery")
    own: dict[str, Any] = {
        "contact": factories.contact(lead),
        "sender": factories.sender(lead.organization),
    }
    factories.message(lead, status="error", reason="spam", text="Free money", user=rep, **own)
    factories.message(lead, status="inbox", direction="incoming", text="How much is it?", **own)
    MessageTemplate.objects.create(organization=lead.organization, name="Follow-up", text="Hi")
    return lead


def tab_through(page: Page, within: str = "body") -> None:
    """Press Tab until every control has had the focus, however many appear meanwhile."""
    missing: list[str] = []
    for _ in range(8):
        for _ in range(AT_ONCE):
            page.keyboard.press("Tab")
        if not (missing := page.evaluate("missing", within)):
            break
    assert not missing, f"{page.url}: Tab doesn't reach {missing}"
    assert not page.evaluate("unseen"), "The focus doesn't show."


def test_tab_reaches_everything(own_page: Page, sign_in: SignIn, rep: User, failed: Lead) -> None:
    page = own_page
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    page.add_init_script(WATCH)
    sign_in(page, rep, "/")
    for path in (
        "/",
        "/leads/",
        "/messages/",
        "/inbox/",
        "/settings/statuses/",
        failed.get_absolute_url(),
    ):
        page.goto(path)
        settle(page)
        page.evaluate(PREPARE)
        assert not page.evaluate("forMouseOnly()")
        tab_through(page)

    page.get_by_role("button", name="error: Flagged as spam").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    settle(page)
    page.evaluate("reached.clear()")
    tab_through(page, ".explanation:popover-open")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")

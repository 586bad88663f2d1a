"""An owner sets a new organization up, from the invitation to a failed text explained."""

from io import StringIO
from urllib.parse import urlsplit

from django.core.management import call_command
from playwright.sync_api import Page, expect

from messaging.carriers.sandbox.server import SandboxServer
from tests.browser.hand import Hand

# An action takes people about five seconds, so this is well below five minutes.
MOST_ACTIONS = 30


def test_from_the_invitation_to_the_first_failure(page: Page, sandbox: SandboxServer) -> None:
    output, hand = StringIO(), Hand()
    owner = ["--owner", "olga@harbor.example"]
    call_command("createorganization", "Harbor Dental", *owner, stdout=output)

    page.goto(urlsplit(output.getvalue().split()[-1]).path)
    hand.fill(page.get_by_label("First name"), "Olga")
    hand.fill(page.get_by_label("Password"), "a staple for horses")
    hand.click(page.get_by_role("button", name="Create account"))
    steps = page.get_by_role("region", name="Get started")
    expect(steps.get_by_role("listitem")).to_have_count(4)

    hand.click(steps.get_by_role("link", name="Add a number"))
    hand.fill(page.get_by_role("textbox", name="Number"), "(212) 555-0100")
    hand.click(page.get_by_role("button", name="Save number"))
    expect(page.get_by_role("heading", name="(212) 555-0100")).to_be_visible()

    hand.click(page.get_by_role("link", name="Home"))
    hand.click(steps.get_by_role("link", name="Add a lead"))
    hand.fill(page.get_by_role("textbox", name="Name", exact=True), "Bluebird Bakery")
    hand.fill(page.get_by_label("Phone number"), "(415) 555-0123")
    hand.click(page.get_by_role("button", name="Create lead"))

    hand.click(page.get_by_role("link", name="Home"))
    hand.click(steps.get_by_role("button", name="Try a failure"))
    hand.fill(page.get_by_label("Text", exact=True), "Are you free on Thursday?")
    hand.click(page.get_by_role("button", name="Send", exact=True))
    label = page.get_by_role("button", name="error: Landline")
    hand.click(label)
    expect(page.get_by_role("dialog", name="Landline")).to_contain_text("landline")

    page.goto("/")
    expect(steps.locator(".done")).to_have_count(3)
    assert hand.actions <= MOST_ACTIONS

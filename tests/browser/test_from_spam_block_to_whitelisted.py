"""A rep and a support agent, from a text that a spam filter blocks to a whitelisted number."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers.sandbox.server import SandboxServer
from smscenter.accounts.models import User
from smscenter.notifications import notify
from tests import factories
from tests.messaging.carriers.listener import until
from tests.support.mail_server import MailServer, text_of
from tests.support.requests.test_uploads import image

OURS, BO = factories.OUR_NUMBER, "+14155550124"
TEXT = "Act now: your estimate ends on Friday"
QUESTION = "On which page did they leave their number?"
ANSWER = "On acme.example/quote, with a box to tick."
CARRIER = "filter@carrier.example"


@pytest.fixture
def bakery(rep: User) -> Lead:
    rep.first_name, rep.email = "Rita", "rita@acme.example"
    rep.save()
    lead = factories.lead(rep, "Bluebird Bakery")
    factories.contact(lead, "+14155550123", "Ada Baker")
    factories.contact(lead, BO, "Bo Baker")
    factories.sender(lead.organization)
    return lead


def test_from_spam_block_to_whitelisted(
    page: Page,
    new_page: Callable[..., Page],
    rep: User,
    supporter: User,
    bakery: Lead,
    mail_server: MailServer,
    sandbox: SandboxServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings.CARRIER_SUPPORT_EMAILS = {"sandbox": CARRIER}
    monkeypatch.setattr(notify, "SEEN_WITHIN", timedelta(0))
    staff, mails = new_page(viewport=page.viewport_size), mail_server.box.mails
    sign_in(page, rep.username)
    sign_in(staff, supporter.username)

    page.get_by_role("link", name="Leads", exact=True).click()
    page.get_by_role("link", name="Bluebird Bakery", exact=True).click()
    send(page, "Bo Baker, (415) 555-0124")
    send(page, "Ada Baker, (415) 555-0123")
    read_reason(page)
    request_whitelisting(page, tmp_path)

    assign_and_ask(staff)
    request = page.context.new_page()
    request.goto(link_in_mail(mails, rep, "Action needed", QUESTION))
    reply(request)
    staff.goto(link_in_mail(mails, supporter, "Submitted", ANSWER))
    email_the_packet(staff, mails)
    decide(staff)
    link_in_mail(mails, rep, "Sent to the carrier")
    until(lambda: sandbox.control.whitelisted == [OURS])

    # Meanwhile, Bo opts out.
    sandbox.network.say(BO, OURS, "STOP")
    request.goto(link_in_mail(mails, rep, "Whitelisted"))
    resend(request)
    check_it_was_sent(page)
    check_its_badges(page)
    check_the_queue(staff)
    assert len(mails) == 5


def send(page: Page, to: str) -> None:
    page.get_by_label("To", exact=True).select_option(label=to)
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")


def sign_in(page: Page, username: str) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def read_reason(page: Page) -> None:
    """Check that the labels turn red on the page that is open."""
    labels = page.get_by_role("button", name="error: Flagged as spam")
    expect(labels).to_have_count(2)
    labels.first.click()
    explanation = page.get_by_role("dialog", name="Flagged as spam")
    expect(explanation).to_contain_text("Sandbox said: Message filtered (code 30007)")
    explanation.get_by_role("link", name="Request whitelisting").click()


def request_whitelisting(page: Page, folder: Path) -> None:
    expect(page.get_by_role("checkbox", name=TEXT, checked=True)).to_have_count(2)
    expect(page.get_by_label("Examples of message content")).to_have_value(TEXT)
    page.get_by_label("Website address").fill("acme.example")
    page.get_by_label("Type of content").fill("Estimates that were asked for")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_label("Relationship between you and the recipient").fill("They asked for a quote.")
    page.get_by_text("Supporting details").click()
    (file := folder / "our form.png").write_bytes(image())
    page.get_by_label("Proof of opt-in").set_input_files(file)
    page.get_by_role("button", name="Review request").click()
    for detail in ("https://acme.example", "our form.png"):
        expect(page.get_by_role("region", name="Summary")).to_contain_text(detail)
    page.get_by_role("button", name="Submit request").click()
    expect(page.get_by_text("Support has your request")).to_be_visible()
    page.get_by_role("link", name=TEXT).first.click()
    page.get_by_role("link", name="Bluebird Bakery", exact=True).click()


def assign_and_ask(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("row", name="Acme")).to_contain_text("Unassigned")
    page.get_by_role("button", name="Assign next to me").click()
    expect(page.get_by_role("heading", name="Assigned to sven")).to_be_visible()
    expect(page.get_by_role("region", name="Texts", exact=True).get_by_text(TEXT)).to_have_count(2)
    page.get_by_label("What do you need to know?").fill(QUESTION)
    page.get_by_role("button", name="Ask the requester").click()
    expect(page.locator("#notices")).to_contain_text("Info requested.")


def link_in_mail(mails: list[EmailMessage], person: User, subject: str, words: str = "") -> str:
    """Wait for the one mail with this subject, and return its link."""
    until(lambda: any(mail["Subject"].startswith(f"{subject}: ") for mail in mails))
    [mail] = [mail for mail in mails if mail["Subject"].startswith(f"{subject}: ")]
    assert mail["To"] == person.email
    assert words in text_of(mail)
    link, _settings = re.findall(r"http\S+", text_of(mail))
    return str(link)


def reply(page: Page) -> None:
    expect(page.get_by_role("main")).to_contain_text(f"Support has a question{QUESTION}")
    page.get_by_label("Your reply").fill(ANSWER)
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("Support has your request")).to_be_visible()


def email_the_packet(page: Page, mails: list[EmailMessage]) -> None:
    page.get_by_role("button", name=f"Email {CARRIER}").click()
    expect(page.locator("#notices")).to_contain_text(f"Sending the email to {CARRIER}.")
    until(lambda: mails[-1]["To"] == CARRIER)
    for fact in (OURS, TEXT, "https://acme.example", "30007 Message filtered", "our form.png"):
        assert fact in text_of(mails[-1])


def decide(page: Page) -> None:
    page.get_by_text("To carrier", exact=True).click()
    page.get_by_label("Carrier ticket number").fill("T-2077")
    page.get_by_role("button", name="Mark as sent to the carrier").click()
    expect(page.get_by_text("Carrier ticket T-2077")).to_be_visible()
    page.get_by_text("Whitelist", exact=True).click()
    page.get_by_role("button", name="Mark as whitelisted").click()
    expect(page.get_by_text("active", exact=True)).to_be_visible()


def resend(page: Page) -> None:
    page.get_by_role("link", name="Resend blocked texts").click()
    excluded = page.get_by_role("region", name="Won't be resent").get_by_role("listitem")
    expect(excluded).to_have_text(re.compile(r"to \(415\) 555-0124.*This person opted out"))
    page.get_by_role("button", name="Resend texts").click()
    expect(page.get_by_text("Resending 1 text.")).to_be_visible()


def check_it_was_sent(page: Page) -> None:
    """Check that the label changes on the page that has been open the whole time."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#timeline .label.sent + *")).to_have_text("Reported as delivered")


def check_its_badges(page: Page) -> None:
    page.reload()
    expect(page.get_by_label("From", exact=True)).to_contain_text("(whitelisted)")
    page.get_by_role("button", name="error: Flagged as spam").click()
    resend = page.get_by_role("dialog").get_by_role("button", name="Resend", exact=True)
    expect(resend).to_be_visible()
    expect(fact(page, "From")).to_contain_text("whitelisted")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Details of this text").last.click()
    expect(fact(page, "Sender number")).to_contain_text("whitelisted")
    page.get_by_role("link", name="Whitelist request: whitelisted").click()
    expect(fact(page, "Sender number")).to_contain_text("whitelisted")
    page.goto("/requests/")
    expect(page.get_by_role("cell", name="Front desk")).to_contain_text("whitelisted")


def check_the_queue(page: Page) -> None:
    page.get_by_role("link", name="Review queue").click()
    page.get_by_role("button", name="Status: Open").click()
    page.get_by_role("link", name="Whitelisted", exact=True).click()
    expect(page.get_by_role("row", name="(212) 555-0100")).to_contain_text("Whitelisted")


def fact(page: Page, name: str) -> Locator:
    return page.locator(f"dt:text-is('{name}') + dd")

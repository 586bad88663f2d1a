"""axe finds no violations on any page, light and dark, wide and narrow."""

from collections import defaultdict

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from leads.models import CustomField, Erasure, Note
from messaging.models import (
    Attempt,
    BulkItem,
    BulkSend,
    Consent,
    MessageTemplate,
    OptOut,
    Recipient,
    SmsMessage,
    Thread,
)
from messaging.settings import TrialSender
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.accounts.organizations.deletion import request_deletion
from smscenter.support.help.article import library
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.addresses import PUBLIC, REVIEW, ROWS, SIGNED
from tests.browser.axe import DARK, WIDE, check, run, violations
from tests.browser.conftest import SignIn
from tests.support.conftest import DETAILS
from tests.test_tenancy import APP_ADDRESSES, Address, address_of_row

PUBLIC_PATHS = [
    "/sign-in/",
    "/sign-up/",
    "/sign-up/sent/",
    "/account/password/reset/",
    "/account/password/reset/sent/",
    "/account/password/reset/done/",
    "/account/password/reset/1/x/",
    "/account/email/confirm/x/",
    "/help/",
    "/help/?q=spam",
    "/help/?q=xylophone",
    "/help/contact/",
    "/help/whitelist/",
]
OWNER_PATHS = [
    "/?team=1",
    "/templates/",
    "/templates/{template}/edit/",
    "/account/confirm/",
    "/account/email/",
    "/account/password/",
    "/account/security/",
    "/account/security/app/",
    "/account/sessions/",
    "/deliverability/",
    "/leads/import/",
    "/opt-outs/import/",
    "/settings/alerts/",
    "/settings/audit/",
    "/settings/members/",
    "/settings/members/invite/",
    "/settings/members/{colleague}/",
    "/settings/members/{colleague}/deactivate/",
    "/settings/members/{colleague}/remove/",
    "/settings/roles/",
    "/senders/new/",
    "/senders/{sender}/",
    "/senders/{sender}/edit/",
    "/senders/{sender}/switch/",
    "/settings/organization/",
    "/settings/organization/delete/",
    "/settings/texting/",
    "/settings/statuses/",
    "/settings/statuses/new/",
    "/settings/statuses/{status}/edit/",
    "/settings/statuses/{status}/remove/",
    "/settings/fields/",
    "/settings/fields/new/",
    "/settings/fields/{field}/edit/",
    "/settings/fields/{field}/remove/",
    "/settings/data/",
    "/settings/erasures/",
    "/settings/erasures/{erasure}/",
    "/leads/import/{lead_import}/",
    "/leads/{lead}/erase/",
]
MEMBER_PATHS = [
    "/",
    "/leads/",
    "/leads/?q=nothing+status:new",
    "/leads/?q=statsu:open",
    "/leads/?q=failed_sms>0+owner:me&sort=name",
    "/leads/new/",
    "/leads/{lead}/",
    "/leads/{lead}/edit/",
    "/leads/{lead}/merge/",
    "/leads/deleted/",
    "/leads/change/",
    "/leads/{lead}/addresses/new/",
    "/addresses/{address}/edit/",
    "/messages/change/",
    "/leads/{lead}/contacts/new/",
    "/contacts/{contact}/edit/",
    "/notes/{note}/edit/",
    "/deliverability/",
    "/inbox/?tab=all",
    "/inbox/{thread}/",
    "/inbox/{number}/",
    "/inbox/{number}/attach/?q=blue",
    "/messages/",
    "/messages/unconfirmed/",
    "/messages/{message}/",
    "/messages/{message}/correct/",
    "/notifications/",
    "/notifications/settings/",
    "/opt-outs/",
    "/consent/?phone=%2B14155550123",
    "/templates/",
    "/templates/new/",
    "/bulk/",
    "/bulk/new/?kind=send",
    "/bulk/{bulk}/",
    "/senders/",
    "/settings/",
    "/senders/{sender}/",
    "/views/",
    "/views/new/",
    "/views/{view}/edit/",
    "/search/words/",
    "/help/",
    "/help/codes/",
    "/help/unreachable/",
    "/help/how-to-find-failed-texts/",
    "/help/contact/",
    "/help/contact/?message={message}",
    "/help/whitelist/",
    "/help/whitelist/?message={message}",
    "/requests/",
    "/requests/{request}/",
    "/requests/{request}/edit/",
    "/palette/?q=a",
    "/profile/",
    "/profile/phone/",
    "/shortcuts/",
]
# Where a manager sees more than a rep.
MISSING = "/nothing/"
# Needs a whitelisted request, so test_reviewing checks it.
IN_TEST_REVIEWING = {"request_resend"}


@pytest.fixture
def failed(rep: User) -> SmsMessage:
    """Return a lead with everything that a page can show."""
    lead = factories.lead(rep, "Bluebird Bakery")
    contact = factories.contact(lead)
    factories.contact(lead, "+18765550123", "Jo Jamaica")
    Recipient.objects.create(
        organization=lead.organization, phone=factories.MOBILE, capability="not_sms_capable"
    )
    Consent.objects.record(
        lead.organization, factories.MOBILE, method="Web form", wording="I agree.", recorded_by=rep
    )
    Consent.objects.record(
        lead.organization, factories.MOBILE, method="Phone call", wording="Yes.", recorded_by=rep
    )
    for words in ("wrong number", "Take me off"):
        OptOut.objects.record(
            lead.organization,
            factories.MOBILE,
            source=OptOut.Source.WORDING,
            sender=factories.sender(lead.organization, phone=f"+1212555{len(words):04}"),
            words=words,
            certain=False,
        )
    OptOut.objects.get(words="Take me off").decide(rep, is_opt_out=True)
    Note.objects.create(organization=lead.organization, lead=lead, user=rep, text="A note")
    other = factories.sender(lead.organization, phone="+12125550188")
    factories.unmatched_text(other, remote=factories.OTHER_MOBILE)
    factories.message(lead, status="inbox", direction="incoming", text="Yes?")
    for status in ("sent", "outbox", "scheduled", "draft"):
        factories.message(lead, status=status)
    message = factories.message(
        lead,
        status="error",
        reason="unreachable",
        contact=contact,
        sender=factories.sender(lead.organization),
    )
    Attempt.objects.create(
        organization=lead.organization,
        message=message,
        carrier="sandbox",
        state=Attempt.State.FAILED,
        code="30003",
        carrier_words="Unreachable",
    )
    return message


@pytest.fixture
def support_request(failed: SmsMessage, rep: User) -> SupportRequest:
    """Return a request that support has a question about, with a file, and a draft of another."""
    details = {
        "organization": failed.organization,
        "created_by": rep,
        "sender": failed.sender,
        **DETAILS | {"examples": "Hi Ada, see bit.ly/acme", "volume": 500},
    }
    SupportRequest.objects.create(**details)
    support_request = SupportRequest.objects.create(**details)
    support_request.attach([failed])
    factories.evidence(support_request, rep)
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    move(support_request, State.SUBMITTED, rep)
    move(support_request, State.MORE_INFORMATION, staff, "How did they opt in?")
    return support_request


def bulk_send(message: SmsMessage) -> BulkSend:
    """Return a resend of a failed text, with one that was left out."""
    own = {"organization": message.organization}
    bulk = BulkSend.objects.create(**own, kind="resend", state="ready", query="status:error")
    item = {**own, "bulk": bulk, "lead": message.lead, "message": message, "name": "Bakery"}
    BulkItem.objects.create(**item, position=0, state="waiting", text="Hi", notes=["Check it."])
    BulkItem.objects.create(**item, position=1, state="left_out", reason="old", text="Hi")
    return bulk


def test_axe_finds_nothing(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage, support_request: SupportRequest
) -> None:
    check(page, [*PUBLIC_PATHS, MISSING])
    sign_in(page, rep)
    own = {"organization": failed.organization}
    ids = {
        "lead": failed.lead_id,
        "contact": failed.contact_id,
        "colleague": factories.user(rep.organization, "cora").pk,
        "address": failed.lead.addresses.create(**own, city="Boston").pk,
        "field": CustomField.objects.create(**own, name="Plan").pk,
        "erasure": Erasure.objects.create(**own, lead_number=1, finished=timezone.now()).pk,
        "lead_import": factories.lead_import(rep, state="ready", total=1, added=1).pk,
        "message": failed.pk,
        "note": Note.objects.get().pk,
        "request": support_request.pk,
        "sender": failed.sender_id,
        "status": failed.lead.status_id,
        "thread": Thread.objects.get(lead=failed.lead).pk,
        "number": Thread.objects.get(lead=None).pk,
        "bulk": bulk_send(failed).pk,
        "template": MessageTemplate.objects.create(**own, name="Follow-up", text="Hi").pk,
        "view": SavedView.objects.create(
            **own, owner=rep, name="Failed", query="failed_sms > 0"
        ).pk,
    }
    check(page, [path.format(**ids) for path in [*MEMBER_PATHS, MISSING]])
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    check(page, [path.format(**ids) for path in OWNER_PATHS])


def test_axe_finds_nothing_in_a_trial_or_before_a_deletion(
    page: Page, sign_in: SignIn, rep: User, settings: Settings
) -> None:
    settings.TRIAL_SENDER = TrialSender("sandbox", "", "+18885550100")
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    sign_in(page, rep, "/profile/phone/")
    expect(page.get_by_role("button", name="Send a code")).to_be_visible()
    check(page, ["/profile/phone/", "/"])
    assert rep.organization is not None
    request_deletion(rep.organization, rep)
    check(page, ["/settings/organization/delete/", "/leads/"])


SHOW_ARTICLE = """async (path) => {
  const html = await (await fetch(path)).text();
  const article = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  document.querySelector("main").replaceWith(article);
}"""


def test_axe_finds_nothing_in_an_article(page: Page) -> None:
    """The first one is opened, and the others take its place: loading axe takes time."""
    page.goto("/help/spam/")
    problems = {}
    for slug in sorted(library()):
        page.evaluate(SHOW_ARTICLE, f"/help/{slug}/")
        if any((found := violations(page, WIDE)).values()):
            problems[slug] = found
    assert not problems


def test_dark_changes_only_colors() -> None:
    """light-dark() takes only colors. Anything else would need all rules in dark."""
    files = [
        path
        for folder in ("static", "templates")
        for path in (settings.BASE_DIR / folder).rglob("*")
        if path.suffix in {".css", ".html", ".js", ".svg"} and "vendor" not in path.parts
    ]
    assert any("light-dark(" in path.read_text() for path in files)
    assert not [path for path in files if "prefers-color-scheme" in path.read_text()]


def test_every_page_is_checked(as_rep: Client, rep: User) -> None:
    rows = factories.everything(rep, "Acme")
    Authenticator.objects.all().delete()  # which pages ask to be used
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    checked = {
        resolve(path.partition("?")[0].format_map(defaultdict(lambda: 1))).url_name
        for path in (*PUBLIC_PATHS, *MEMBER_PATHS, *OWNER_PATHS)
    }

    def is_page(address: Address) -> bool:
        arguments = (PUBLIC | SIGNED).get(address.name, {})
        if address.name in ROWS:
            _, arguments = address_of_row(address.name, rows)
        response = as_rep.get(address.url(**arguments))
        return response.status_code == 200 and b"<html" in b"".join(response)

    pages = {
        address.name for address in APP_ADDRESSES if address.name not in REVIEW and is_page(address)
    }
    assert pages - checked == IN_TEST_REVIEWING


def test_axe_finds_nothing_in_open_forms_and_dialogs(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage
) -> None:
    sign_in(page, rep, failed.lead.get_absolute_url())
    page.get_by_role("link", name="Edit Ada Baker").click()
    page.get_by_role("button", name="Save contact").wait_for()
    page.get_by_role("link", name="Edit the details").click()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    page.get_by_text("Write a note", exact=True).click()
    assert not any(violations(page, WIDE).values())
    page.get_by_role("button", name="error").click()
    assert not any(violations(page, WIDE).values())
    page.emulate_media(**DARK)
    report, _ = run(page, "colors")
    assert not report


def test_the_label_does_not_depend_on_color_and_opens_by_keyboard(
    page: Page, sign_in: SignIn, rep: User, failed: SmsMessage
) -> None:
    page.emulate_media(forced_colors="active")
    page.set_viewport_size(WIDE)
    sign_in(page, rep, failed.lead.get_absolute_url())
    label = page.get_by_role("button", name="error: Phone unreachable. See why and what to do")

    label.focus()
    page.keyboard.press("Enter")

    assert label.inner_text().strip() == "error"
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[popover]') !== null")

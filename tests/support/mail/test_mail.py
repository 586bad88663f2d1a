"""Test request emails through a real SMTP server: recipients, content, and format."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from smscenter.accounts.models import User
from smscenter.support.mail import outbox
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import notify_expired, revoke
from tests import factories
from tests.mailing import write_mails
from tests.support.mail_server import MailServer

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture
def server(mail_server: MailServer, settings: Settings) -> MailServer:
    settings.PUBLIC_URL = "https://sms.example"
    return mail_server


@pytest.fixture(autouse=True)
def reachable(rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example", first_name="Rita")
    rep.refresh_from_db()


def test_an_email_has_text_and_html_with_a_link(
    server: MailServer, support_request: SupportRequest, bring: Bring, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "SMS Center <sms@center.example>"
    bring(support_request, State.MORE_INFORMATION)
    assert outbox.send_due() == 1
    [mail] = server.box.mails
    assert mail["From"] == "SMS Center <sms@center.example>"
    assert (mail["To"], server.box.recipients) == ("rita@acme.example", ["rita@acme.example"])
    assert mail["Subject"] == "Action needed: a question about (212) 555-0100 (Acme)"
    text, html = (
        str(part.get_content())
        for kind in ("plain", "html")
        if (part := mail.get_body((kind,))) is not None
    )
    link = f"https://sms.example/requests/{support_request.pk}/"
    assert "Hi Rita," in text
    assert "Because." in text
    assert link in text
    assert f'href="{link}"' in html
    sent = Mail.objects.get()
    assert (sent.state, sent.tries, sent.error) == ("sent", 1, "")
    assert sent.sent is not None
    assert mail["Message-ID"] == f"<{sent.key}@127.0.0.1>"
    assert outbox.send_due() == 0
    assert len(server.box.mails) == 1


@pytest.mark.parametrize(
    ("state", "subjects"),
    [
        (State.SUBMITTED, []),
        (State.WITHDRAWN, []),
        (State.SENT_TO_CARRIER, ["Sent to the carrier"]),
        (State.WHITELISTED, ["Sent to the carrier", "Whitelisted"]),
        (State.REFUSED, ["Refused"]),
    ],
)
def test_the_requester_is_notified_of_changes_by_others(
    support_request: SupportRequest, bring: Bring, state: State, subjects: list[str]
) -> None:
    bring(support_request, state)
    subjects_sent = [mail.subject for mail in Mail.objects.order_by("pk")]
    assert subjects_sent == [f"{subject}: (212) 555-0100 (Acme)" for subject in subjects]


def test_an_email_names_the_question(question: SupportRequest, bring: Bring) -> None:
    bring(question, State.ANSWERED)
    assert Mail.objects.get().subject == "Answered: Fraud protection (Acme)"


def test_the_requester_is_notified_of_a_colleagues_changes(
    support_request: SupportRequest, colleague: User
) -> None:
    move(support_request, State.SUBMITTED, colleague)
    write_mails()
    assert "carl submitted your request to support." in Mail.objects.get().text


def test_the_requester_is_notified_of_a_revocation(
    support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.WHITELISTED)
    revoke(Whitelisting.objects.get(), staff, "The carrier saw complaints.")
    write_mails()
    mail = Mail.objects.latest("pk")
    assert mail.subject == "Whitelisting revoked: (212) 555-0100 (Acme)"
    assert "The carrier saw complaints." in mail.text


def test_the_requester_is_notified_of_an_expiry_once(
    support_request: SupportRequest, bring: Bring, as_rep: Client
) -> None:
    bring(support_request, State.WHITELISTED)
    assert notify_expired() == 0
    past = timezone.now() - timedelta(days=2)
    Whitelisting.objects.update(granted=past, expires=past + timedelta(days=1))
    assert (notify_expired(), notify_expired()) == (1, 0)
    write_mails()
    mail = Mail.objects.latest("pk")
    assert mail.subject == "Whitelisting expired: (212) 555-0100 (Acme)"
    assert (
        "The whitelisting has expired."
        in as_rep.get(support_request.get_absolute_url()).content.decode()
    )


def test_a_revoked_whitelisting_does_not_expire(
    support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.WHITELISTED)
    revoke(Whitelisting.objects.get(), staff, "Complaints.")
    ago = timezone.now() - timedelta(days=1)
    Whitelisting.objects.update(granted=ago - timedelta(days=1), expires=ago)
    assert notify_expired() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"email": "rita"},
        {"email": "rita@acme.example\nBcc: all@acme.example"},
        {"is_active": False},
    ],
)
def test_unreachable_users_get_no_email(
    support_request: SupportRequest, bring: Bring, rep: User, change: dict[str, object]
) -> None:
    User.objects.filter(pk=rep.pk).update(**change)
    bring(SupportRequest.objects.get(), State.REFUSED)
    assert not Mail.objects.exists()
    assert SupportRequest.objects.get().state == State.REFUSED


def test_an_email_is_rolled_back_with_its_change(
    support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.SUBMITTED)

    @transaction.atomic
    def fail() -> None:
        move(SupportRequest.objects.get(), State.REFUSED, staff, "No.")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    write_mails()
    assert not Mail.objects.exists()


def test_user_input_cannot_inject_headers_or_html(
    server: MailServer, question: SupportRequest, rep: User, staff: User
) -> None:
    question.subject = "Hello\r\nBcc: all@acme.example"
    question.save()
    move(question, State.SUBMITTED, rep)
    move(question, State.ANSWERED, staff, "<script>alert(1)</script>")
    write_mails()
    outbox.send_due()
    [mail] = server.box.mails
    assert mail["Bcc"] is None
    assert server.box.recipients == ["rita@acme.example"]
    assert mail["Subject"] == "Answered: Hello Bcc: all@acme.example (Acme)"
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in str(html.get_content())


@pytest.mark.parametrize("address", ["", "help@sms.example"])
def test_replies_go_to_the_support_address(
    server: MailServer,
    support_request: SupportRequest,
    bring: Bring,
    settings: Settings,
    address: str,
) -> None:
    """Test that replies, such as a carrier's, go to the support address."""
    settings.SUPPORT_EMAIL = address
    bring(support_request, State.REFUSED)
    outbox.send_due()
    [mail] = server.box.mails
    assert mail["Reply-To"] == (address or None)


def test_the_history_shows_support_the_delivery_state(
    server: MailServer, support_request: SupportRequest, bring: Bring, as_supporter: Client
) -> None:
    server.box.refuses["rita@acme.example"] = "550 No such user"
    bring(support_request, State.REFUSED)
    outbox.send_due()
    text = as_supporter.get(f"/review/{support_request.pk}/").content.decode()
    assert "Email to rita@acme.example" in text
    assert "No such user" in text


def test_emails_are_searchable_and_read_only_in_the_admin(
    as_staff: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    [mail] = Mail.objects.all()
    url = "/admin/support/mail/"
    assert list(as_staff.get(url, {"q": "rita@"}).context["cl"].queryset) == [mail]
    assert as_staff.post(f"{url}{mail.pk}/change/", {"to": "x@y.example"}).status_code == 403


def test_emails_are_not_visible_to_other_organizations(
    support_request: SupportRequest, bring: Bring, stranger: User
) -> None:
    bring(support_request, State.REFUSED)
    assert not Mail.objects.visible_to(stranger).exists()


@pytest.mark.parametrize("gone", [{"is_active": False}, {"email": ""}])
def test_a_manager_is_notified_if_the_requester_left(
    support_request: SupportRequest, staff: User, rep: User, stranger: User, gone: dict[str, object]
) -> None:
    assert rep.organization is not None
    move(support_request, State.SUBMITTED, rep)
    for name in ("mary", "max"):
        factories.user(rep.organization, name, role="manager", email=f"{name}@acme.example")
    User.objects.filter(username="mary").update(is_active=False)
    User.objects.filter(pk=stranger.pk).update(role="manager", email="sam@rival.example")
    User.objects.filter(pk=rep.pk).update(**gone)
    move(SupportRequest.objects.get(), State.REFUSED, staff, "No.")
    write_mails()
    mail = Mail.objects.get()
    assert mail.to == "max@acme.example"
    assert "Hi max," in mail.text

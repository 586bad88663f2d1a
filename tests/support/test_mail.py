"""Mails about requests, through a real SMTP server: none is lost, and none is sent twice."""

import socket
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from smscenter.accounts.models import User
from smscenter.support import mailing
from smscenter.support.models import Mail, Request, RequestEvent, Whitelisting
from smscenter.support.models.mail import DELAYS
from smscenter.support.states import State
from tests import factories
from tests.support.mail_server import MailServer

Bring = Callable[[Request, State], list[RequestEvent]]


@pytest.fixture
def server(mail_server: MailServer, settings: Settings) -> MailServer:
    settings.PUBLIC_URL = "https://sms.example"
    return mail_server


@pytest.fixture(autouse=True)
def reachable(rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example", first_name="Rita")
    rep.refresh_from_db()


def later(minutes: float) -> None:
    """As if so much time had passed."""
    for name in ("due", "lease_until"):
        for mail in Mail.objects.exclude(**{name: None}):
            passed = getattr(mail, name) - timedelta(minutes=minutes)
            Mail.objects.filter(pk=mail.pk).update(**{name: passed})


def test_it_arrives_as_text_and_html_with_a_link(
    server: MailServer, asked: Request, bring: Bring, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "SMS Center <sms@center.example>"
    bring(asked, State.MORE_INFORMATION)
    assert mailing.send_due() == 1
    [mail] = server.box.mails
    assert mail["From"] == "SMS Center <sms@center.example>"
    assert (mail["To"], server.box.recipients) == ("rita@acme.example", ["rita@acme.example"])
    assert mail["Subject"] == f"Request {asked.pk}: more information asked"
    text, html = (
        str(part.get_content())
        for kind in ("plain", "html")
        if (part := mail.get_body((kind,))) is not None
    )
    link = f"https://sms.example/requests/{asked.pk}/"
    assert "Hello Rita," in text
    assert "Because." in text
    assert link in text
    assert f'href="{link}"' in html
    sent = Mail.objects.get()
    assert (sent.state, sent.tries, sent.error) == ("sent", 1, "")
    assert sent.sent is not None
    assert mail["Message-ID"] == f"<{sent.key}@127.0.0.1>"
    assert mailing.send_due() == 0
    assert len(server.box.mails) == 1


@pytest.mark.parametrize(
    ("state", "subjects"),
    [
        (State.SUBMITTED, []),
        (State.WITHDRAWN, []),
        (State.SENT_TO_CARRIER, ["sent to carrier"]),
        (State.WHITELISTED, ["sent to carrier", "whitelisted"]),
        (State.REFUSED, ["refused"]),
    ],
)
def test_each_change_by_somebody_else_is_told(
    asked: Request, bring: Bring, state: State, subjects: list[str]
) -> None:
    bring(asked, state)
    told = [mail.subject for mail in Mail.objects.order_by("pk")]
    assert told == [f"Request {asked.pk}: {subject}" for subject in subjects]


def test_a_question_is_named(question: Request, bring: Bring) -> None:
    bring(question, State.ANSWERED)
    assert Mail.objects.get().subject == f"Fraud protection (request {question.pk}): answered"


def test_what_a_colleague_does_is_told(asked: Request, colleague: User) -> None:
    asked.move(State.SUBMITTED, colleague)
    assert "carl sent it to support." in Mail.objects.get().text


def test_a_revocation_is_told(asked: Request, bring: Bring, staff: User) -> None:
    bring(asked, State.WHITELISTED)
    Whitelisting.objects.get().revoke(staff, "The carrier saw complaints.")
    mail = Mail.objects.latest("pk")
    assert mail.subject == f"Request {asked.pk}: whitelisting revoked"
    assert "The carrier saw complaints." in mail.text


def test_an_expiry_is_told_once(asked: Request, bring: Bring, as_rep: Client) -> None:
    bring(asked, State.WHITELISTED)
    tell = Whitelisting.objects.tell_expiries
    assert tell() == 0
    past = timezone.now() - timedelta(days=2)
    Whitelisting.objects.update(granted=past, expires=past + timedelta(days=1))
    assert (tell(), tell()) == (1, 0)
    mail = Mail.objects.latest("pk")
    assert mail.subject == f"Request {asked.pk}: whitelisting expired"
    assert "The whitelisting has expired." in as_rep.get(asked.get_absolute_url()).content.decode()


def test_what_was_revoked_does_not_expire(asked: Request, bring: Bring, staff: User) -> None:
    bring(asked, State.WHITELISTED)
    Whitelisting.objects.get().revoke(staff, "Complaints.")
    ago = timezone.now() - timedelta(days=1)
    Whitelisting.objects.update(granted=ago - timedelta(days=1), expires=ago)
    assert Whitelisting.objects.tell_expiries() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"email": "rita"},
        {"email": "rita@acme.example\nBcc: all@acme.example"},
        {"is_active": False},
    ],
)
def test_who_cannot_be_reached_is_not_written_to(
    asked: Request, bring: Bring, rep: User, change: dict[str, object]
) -> None:
    User.objects.filter(pk=rep.pk).update(**change)
    bring(Request.objects.get(), State.REFUSED)
    assert not Mail.objects.exists()
    assert Request.objects.get().state == State.REFUSED


def test_a_mail_goes_with_its_change_or_not_at_all(
    asked: Request, bring: Bring, staff: User
) -> None:
    bring(asked, State.SUBMITTED)

    @transaction.atomic
    def fail() -> None:
        Request.objects.get().move(State.REFUSED, staff, "No.")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Mail.objects.exists()


def test_nothing_that_people_type_gets_into_a_header_or_runs(
    server: MailServer, question: Request, rep: User, staff: User
) -> None:
    question.subject = "Hello\r\nBcc: all@acme.example"
    question.save()
    question.move(State.SUBMITTED, rep)
    question.move(State.ANSWERED, staff, "<script>alert(1)</script>")
    mailing.send_due()
    [mail] = server.box.mails
    assert mail["Bcc"] is None
    assert server.box.recipients == ["rita@acme.example"]
    assert "Bcc: all@acme.example (request" in mail["Subject"]
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in str(html.get_content())


def test_a_server_that_is_away_and_comes_back(
    server: MailServer, asked: Request, bring: Bring
) -> None:
    bring(asked, State.REFUSED)
    server.stop()
    mailing.send_due()
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert "refused" in mail.error
    assert mail.due > timezone.now() + timedelta(seconds=50)
    assert mailing.send_due() == 0
    server.start()
    later(2)
    mailing.send_due()
    assert len(server.box.mails) == 1
    assert Mail.objects.get().state == "sent"


def test_it_gives_up_at_last(server: MailServer, asked: Request, bring: Bring) -> None:
    bring(asked, State.REFUSED)
    server.stop()
    for _ in range(len(DELAYS) + 1):
        assert mailing.send_due() == 1
        later(24 * 60 + 1)
    assert Mail.objects.get().state == "failed"
    assert mailing.send_due() == 0


@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 No such user", "failed"), ("450 Mailbox is full", "waiting")],
)
def test_a_refused_recipient(
    server: MailServer, asked: Request, bring: Bring, answer: str, state: str
) -> None:
    server.box.refuses["rita@acme.example"] = answer
    bring(asked, State.REFUSED)
    mailing.send_due()
    mail = Mail.objects.get()
    assert mail.state == state
    assert answer.partition(" ")[2] in mail.error
    assert not server.box.mails


@pytest.mark.parametrize(
    ("answer", "state"), [("554 Spam", "failed"), ("451 Try again", "waiting")]
)
def test_a_refused_mail(
    server: MailServer, asked: Request, bring: Bring, answer: str, state: str
) -> None:
    server.box.answer = answer
    bring(asked, State.REFUSED)
    mailing.send_due()
    assert Mail.objects.get().state == state


@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n", b"554 go away\r\n", b"\xff\xfe\0\r\n"])
def test_a_server_that_hangs_or_talks_nonsense(
    asked: Request, bring: Bring, settings: Settings, greeting: bytes
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.2
    bring(asked, State.REFUSED)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:
        settings.EMAIL_PORT = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)
                while connection.recv(1024):
                    pass

        other.submit(answer)
        assert mailing.send_due() == 1
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert mail.error


def test_a_server_that_knows_our_password_no_more(
    server: MailServer, asked: Request, bring: Bring, settings: Settings
) -> None:
    """It concerns all mails, and none of them is to blame: they wait."""
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "wrong"
    bring(asked, State.REFUSED)
    mailing.send_due()
    assert Mail.objects.get().state == "waiting"


@pytest.mark.parametrize("address", ["", "help@sms.example"])
def test_an_answer_reaches_people(
    server: MailServer, asked: Request, bring: Bring, settings: Settings, address: str
) -> None:
    """Nobody reads the mailbox that mails are from, and a carrier answers by mail."""
    settings.SUPPORT_EMAIL = address
    bring(asked, State.REFUSED)
    mailing.send_due()
    [mail] = server.box.mails
    assert mail["Reply-To"] == (address or None)


def test_one_mail_that_fails_holds_up_no_other(
    server: MailServer, asked: Request, question: Request, bring: Bring
) -> None:
    bring(asked, State.REFUSED)
    Mail.objects.update(to="gone@acme.example")
    server.box.refuses["gone@acme.example"] = "550 No such user"
    bring(question, State.ANSWERED)
    assert mailing.send_due() == 2
    assert server.box.recipients == ["rita@acme.example"]


def test_a_worker_that_was_killed(server: MailServer, asked: Request, bring: Bring) -> None:
    """Nobody knows whether it was sent: the other one sends it under the same name."""
    bring(asked, State.REFUSED)
    dead = Mail.objects.claim()
    assert dead is not None
    assert mailing.send_due() == 0
    later(11)
    assert mailing.send_due() == 1
    [mail] = server.box.mails
    assert mail["Message-ID"] == mailing.message(dead).extra_headers["Message-ID"]
    assert Mail.objects.get().tries == 2


def test_a_worker_that_lost_its_lease_changes_nothing(asked: Request, bring: Bring) -> None:
    bring(asked, State.REFUSED)
    slow = Mail.objects.claim()
    assert slow is not None
    later(11)
    other = Mail.objects.claim()
    assert other is not None
    assert other.lease != slow.lease
    mailing._failed(slow, ConnectionRefusedError("too late"))
    mail = Mail.objects.get()
    assert (mail.state, mail.lease, mail.error) == ("sending", other.lease, "")


def test_the_history_of_support_shows_what_became_of_it(
    server: MailServer, asked: Request, bring: Bring, as_supporter: Client
) -> None:
    server.box.refuses["rita@acme.example"] = "550 No such user"
    bring(asked, State.REFUSED)
    mailing.send_due()
    text = as_supporter.get(f"/review/{asked.pk}/").content.decode()
    assert "To rita@acme.example" in text
    assert "No such user" in text


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(server: MailServer, asked: Request, bring: Bring) -> None:
    bring(asked, State.REFUSED)
    barrier = Barrier(2)

    def sweep(_: int) -> int:
        try:
            barrier.wait(timeout=10)
            return mailing.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(sweep, range(2))) == [0, 1]
    assert len(server.box.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_it(server: MailServer, asked: Request, bring: Bring) -> None:
    bring(asked, State.REFUSED)
    call_command("worker", once=True, interval=0, stdout=StringIO())
    assert len(server.box.mails) == 1


def test_the_admin_finds_mails_and_only_reads_them(
    as_staff: Client, asked: Request, bring: Bring
) -> None:
    bring(asked, State.REFUSED)
    [mail] = Mail.objects.all()
    url = "/admin/support/mail/"
    assert list(as_staff.get(url, {"q": "rita@"}).context["cl"].queryset) == [mail]
    assert as_staff.post(f"{url}{mail.pk}/change/", {"to": "x@y.example"}).status_code == 403


def test_a_mail_that_is_being_sent_is_held(asked: Request, bring: Bring) -> None:
    """The database itself refuses a mail without a lease."""
    bring(asked, State.REFUSED)
    with pytest.raises(Exception, match="mail_lease"), transaction.atomic():
        Mail.objects.update(state="sending", lease=None, lease_until=None)
    Mail.objects.update(state="sending", lease=uuid.uuid4(), lease_until=timezone.now())


def test_mails_of_another_organization_stay_there(
    asked: Request, bring: Bring, stranger: User
) -> None:
    bring(asked, State.REFUSED)
    assert not Mail.objects.visible_to(stranger).exists()
    assert factories.OUR_NUMBER not in Mail.objects.get().subject


@pytest.mark.parametrize("gone", [{"is_active": False}, {"email": ""}])
def test_for_a_requester_who_left_a_manager_is_told(
    asked: Request, staff: User, rep: User, stranger: User, gone: dict[str, object]
) -> None:
    assert rep.organization is not None
    asked.move(State.SUBMITTED, rep)
    for name in ("mary", "max"):
        factories.user(rep.organization, name, role="manager", email=f"{name}@acme.example")
    User.objects.filter(username="mary").update(is_active=False)
    User.objects.filter(pk=stranger.pk).update(role="manager", email="sam@rival.example")
    User.objects.filter(pk=rep.pk).update(**gone)
    Request.objects.get().move(State.REFUSED, staff, "No.")
    mail = Mail.objects.get()
    assert mail.to == "max@acme.example"
    assert "Hello max," in mail.text

"""Test failing mail servers and killed workers: each email is sent once."""

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
from django.utils import timezone
from pytest_django import Settings

from smscenter import mail_queue
from smscenter.accounts.models import User
from smscenter.mail_queue import DELAYS
from smscenter.support.mail import outbox
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from tests.support.mail_server import MailServer

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture(autouse=True)
def reachable(rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example", first_name="Rita")
    rep.refresh_from_db()


def later(minutes: float) -> None:
    """Move due times back, as if this much time had passed."""
    for name in ("due", "lease_until"):
        for mail in Mail.objects.exclude(**{name: None}):
            passed = getattr(mail, name) - timedelta(minutes=minutes)
            Mail.objects.filter(pk=mail.pk).update(**{name: passed})


def test_an_email_is_sent_when_the_server_is_back(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    mail_server.stop()
    outbox.send_due()
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert "refused" in mail.error
    assert mail.due > timezone.now() + timedelta(seconds=50)
    assert outbox.send_due() == 0
    mail_server.start()
    later(2)
    outbox.send_due()
    assert len(mail_server.box.mails) == 1
    assert Mail.objects.get().state == "sent"


@pytest.mark.once
def test_sending_stops_after_the_last_attempt(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    mail_server.stop()
    for _ in range(len(DELAYS) + 1):
        assert outbox.send_due() == 1
        later(24 * 60 + 1)
    assert Mail.objects.get().state == "failed"
    assert outbox.send_due() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 No such user", "failed"), ("450 Mailbox is full", "waiting")],
)
def test_an_email_to_a_rejected_recipient_fails_or_waits(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring, answer: str, state: str
) -> None:
    mail_server.box.refuses["rita@acme.example"] = answer
    bring(support_request, State.REFUSED)
    outbox.send_due()
    mail = Mail.objects.get()
    assert mail.state == state
    assert answer.partition(" ")[2] in mail.error
    assert not mail_server.box.mails


@pytest.mark.once
@pytest.mark.parametrize(
    ("answer", "state"), [("554 Spam", "failed"), ("451 Try again", "waiting")]
)
def test_a_rejected_email_fails_or_waits(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring, answer: str, state: str
) -> None:
    mail_server.box.answer = answer
    bring(support_request, State.REFUSED)
    outbox.send_due()
    assert Mail.objects.get().state == state


@pytest.mark.once
@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n", b"554 go away\r\n", b"\xff\xfe\0\r\n"])
def test_emails_wait_if_the_server_hangs_or_sends_garbage(
    support_request: SupportRequest, bring: Bring, settings: Settings, greeting: bytes
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.2
    bring(support_request, State.REFUSED)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:
        settings.EMAIL_PORT = server.getsockname()[1]

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(greeting)
                while connection.recv(1024):
                    pass

        other.submit(serve)
        assert outbox.send_due() == 1
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert mail.error


@pytest.mark.once
def test_emails_wait_if_the_server_rejects_the_password(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring, settings: Settings
) -> None:
    """Test that emails stay in the outbox if the server rejects our account."""
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "wrong"
    bring(support_request, State.REFUSED)
    outbox.send_due()
    assert Mail.objects.get().state == "waiting"


@pytest.mark.once
def test_a_failing_email_does_not_delay_others(
    mail_server: MailServer, support_request: SupportRequest, question: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    Mail.objects.update(to="gone@acme.example")
    mail_server.box.refuses["gone@acme.example"] = "550 No such user"
    bring(question, State.ANSWERED)
    assert outbox.send_due() == 2
    assert mail_server.box.recipients == ["rita@acme.example"]


def test_an_email_is_sent_again_after_its_worker_was_killed(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring
) -> None:
    """Test that an email with an unknown outcome is sent again with the same Message-ID."""
    bring(support_request, State.REFUSED)
    dead = Mail.objects.claim_next()
    assert dead is not None
    assert outbox.send_due() == 0
    later(11)
    assert outbox.send_due() == 1
    [mail] = mail_server.box.mails
    assert mail["Message-ID"] == mail_queue.message(dead).extra_headers["Message-ID"]
    assert Mail.objects.get().tries == 2


def test_a_worker_that_lost_its_lease_changes_nothing(
    support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    slow = Mail.objects.claim_next()
    assert slow is not None
    later(11)
    other = Mail.objects.claim_next()
    assert other is not None
    assert other.lease != slow.lease
    mail_queue.record_failure(slow, ConnectionRefusedError("too late"))
    mail = Mail.objects.get()
    assert (mail.state, mail.lease, mail.error) == ("sending", other.lease, "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_an_email_once(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    barrier = Barrier(2)

    def sweep(_: int) -> int:
        try:
            barrier.wait(timeout=60)
            return outbox.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(sweep, range(2))) == [0, 1]
    assert len(mail_server.box.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_emails(
    mail_server: MailServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    call_command("worker", once=True, interval=0, stdout=StringIO())
    assert len(mail_server.box.mails) == 1


def test_an_email_being_sent_must_have_a_lease(
    support_request: SupportRequest, bring: Bring
) -> None:
    """Test the database constraint."""
    bring(support_request, State.REFUSED)
    with pytest.raises(Exception, match="mail_lease"), transaction.atomic():
        Mail.objects.update(state="sending", lease=None, lease_until=None)
    Mail.objects.update(state="sending", lease=uuid.uuid4(), lease_until=timezone.now())

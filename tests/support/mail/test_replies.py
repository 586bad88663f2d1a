"""Test replies by email: from the mail that someone got to the history of the request."""

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from smscenter.accounts.models import User
from smscenter.support.mail import outbox, reply_address
from smscenter.support.models import Mail, ReceivedMail, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.replies import message
from smscenter.support.replies import receive as receiving
from smscenter.support.replies.message import UnreadableError
from smscenter.support.replies.receive import receive
from smscenter.support.review.actions import assign
from tests.mailing import write_mails
from tests.support.mail_server import MailServer
from tests.support.requests.test_uploads import image

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
Write = Callable[..., bytes]
SECRET = "a-long-secret-for-tests"


@pytest.fixture(autouse=True)
def replies_are_on(settings: Settings) -> None:
    settings.REPLY_EMAIL, settings.REPLY_EMAIL_SECRET = "reply@sms.example", SECRET


@pytest.fixture(autouse=True)
def reachable(rep: User, supporter: User) -> None:
    for person, email in ((rep, "rita@acme.example"), (supporter, "sven@support.example")):
        person.email = email
        person.save()


@pytest.fixture
def pending(support_request: SupportRequest, bring: Bring) -> SupportRequest:
    """Return a request that support has a question about."""
    bring(support_request, State.MORE_INFORMATION)
    return support_request


def write(
    person: User,
    support_request: SupportRequest,
    text: str = "The one with the box.",
    **headers: str,
) -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = reply_address.of(person.pk, support_request)
    mail["Message-ID"] = f"<{ReceivedMail.objects.count()}@acme.example>"
    for name, value in ({"From": f"Rita <{person.email}>"} | headers).items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def send(mail: EmailMessage) -> str | None:
    return receive(mail.as_bytes())


def last_mail() -> Mail:
    write_mails()
    return Mail.objects.latest("pk")


def notes(support_request: SupportRequest) -> list[tuple[str, str]]:
    rows = support_request.events.filter(internal=False).exclude(note="")
    return [(event.kind, event.note) for event in rows]


def test_a_reply_to_the_mail_that_someone_got_lands_in_the_request(
    mail_server: MailServer, pending: SupportRequest, rep: User
) -> None:
    outbox.send_due()
    [sent] = mail_server.box.mails
    mail = write(rep, pending, f"The one with the box.\n\nOn Nov 28, SMS Center wrote:\n> {sent}")
    mail.replace_header("To", sent["Reply-To"])
    assert send(mail) == "added"
    pending.refresh_from_db()
    assert pending.status is State.SUBMITTED
    assert notes(pending)[-1] == ("move", "The one with the box.")
    assert send(mail) is None
    assert ReceivedMail.objects.get().outcome == "added"


def test_mails_stay_as_they_are_without_the_setting(
    settings: Settings, support_request: SupportRequest, bring: Bring
) -> None:
    settings.REPLY_EMAIL = ""
    bring(support_request, State.MORE_INFORMATION)
    mail = Mail.objects.get()
    assert mail.reply_to == ""
    assert "Reply above" not in mail.text + mail.html


def test_support_and_the_requester_write_to_each_other(
    support_request: SupportRequest, bring: Bring, rep: User, supporter: User
) -> None:
    bring(support_request, State.SUBMITTED)
    assign(support_request, supporter, supporter)
    assert send(write(rep, support_request, "Any news?")) == "added"
    to_support = last_mail()
    assert to_support.to == supporter.email
    assert reply_address.read(to_support.reply_to) == (support_request.pk, supporter.pk)
    assert send(write(supporter, support_request, "Not yet.")) == "added"
    assert notes(support_request)[-2:] == [("comment", "Any news?"), ("reply", "Not yet.")]
    assert (last_mail().to, "Not yet." in last_mail().text) == (
        rep.email,
        True,
    )
    support_request.refresh_from_db()
    assert support_request.first_answered is not None


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@acme.example"},
        {"From": "SMS Center <reply+1-1.x@sms.example>"},
        {"List_Id": "<all.acme.example>"},
    ],
)
def test_machines_get_no_response(
    pending: SupportRequest, rep: User, header: dict[str, str]
) -> None:
    mails = Mail.objects.count()
    assert send(write(rep, pending, **header)) is None
    assert (Mail.objects.count(), ReceivedMail.objects.count()) == (mails, 0)


def test_our_own_mails_are_machines_too(
    mail_server: MailServer, pending: SupportRequest, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "sms@center.example"
    outbox.send_due()
    [sent] = mail_server.box.mails
    sent.replace_header("To", sent["Reply-To"])
    assert send(sent) is None


def test_another_sender_is_refused_and_only_the_person_learns_of_it(
    pending: SupportRequest, rep: User, stranger: User
) -> None:
    assert send(write(rep, pending, "Hi", From="mallory@evil.example")) == "refused"
    mail = last_mail()
    assert (mail.to, mail.subject) == (rep.email, "Not added: (212) 555-0100 (Acme)")
    assert "It came from mallory@evil.example." in mail.text
    pending.refresh_from_db()
    assert pending.status is State.MORE_INFORMATION


@pytest.mark.parametrize("change", ["signature", "request", "person", "host"])
def test_a_forged_address_gets_no_response(
    pending: SupportRequest, rep: User, stranger: User, change: str
) -> None:
    own = reply_address.of(rep.pk, pending)
    forged = {
        "signature": own.replace("@", "0@"),
        "request": own.replace(f"+{pending.pk}-", f"+{pending.pk + 1}-"),
        "person": own.replace(f"-{rep.pk}.", f"-{stranger.pk}."),
        "host": own.replace("sms.example", "evil.example"),
    }
    mails = Mail.objects.count()
    assert send(write(rep, pending, To=forged[change])) is None
    assert Mail.objects.count() == mails


def test_people_who_may_not_write_anymore_get_no_response(
    pending: SupportRequest, rep: User, supporter: User, stranger: User
) -> None:
    mail = write(rep, pending)
    User.objects.filter(pk=rep.pk).update(organization=stranger.organization)
    assert send(mail) is None
    mail = write(supporter, pending)
    supporter.groups.clear()
    assert send(mail) is None


def test_who_may_only_look_learns_that_the_mail_was_not_added(
    pending: SupportRequest, rep: User
) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.READ_ONLY)
    assert send(write(rep, pending)) == "refused"
    assert "You have read-only access" in last_mail().text
    pending.refresh_from_db()
    assert pending.status is State.MORE_INFORMATION


def test_a_mail_server_may_change_case(pending: SupportRequest, rep: User) -> None:
    assert send(write(rep, pending, To=reply_address.of(rep.pk, pending).upper())) == "added"
    assert len(reply_address.of(rep.pk, pending).partition("@")[0]) <= 64


def test_a_decided_request_takes_replies_for_some_days(
    support_request: SupportRequest, bring: Bring, rep: User, staff: User
) -> None:
    User.objects.filter(pk=staff.pk).update(email="susan@support.example")
    bring(support_request, State.REFUSED)
    assert send(write(rep, support_request, "Why?")) == "added"
    assert last_mail().subject == "New comment: (212) 555-0100 (Acme)"
    SupportRequest.objects.update(decided=timezone.now() - timedelta(days=15))
    assert send(write(rep, support_request, "Hello?")) == "refused"
    assert "so you can't add a comment" in last_mail().text
    assert ("comment", "Hello?") not in notes(support_request)


def test_pictures_and_pdfs_become_evidence(pending: SupportRequest, rep: User) -> None:
    mail = write(rep, pending, "Here.")
    mail.add_attachment(image(), maintype="image", subtype="png", filename="form.png")
    mail.add_attachment(b"MZ", maintype="image", subtype="png", filename="setup.png")
    mail.add_attachment("BEGIN:VCARD", filename="me.vcf")
    assert send(mail) == "added"
    assert [file.name for file in pending.evidence.all()] == ["form.png"]
    assert notes(pending)[-2:] == [
        ("edit", "Changed: form.png."),
        ("move", "Here.\n\n[Not added: setup.png, me.vcf]"),
    ]


def test_a_long_mail_is_shortened(pending: SupportRequest, rep: User) -> None:
    assert send(write(rep, pending, "word " * 1_000)) == "added"
    assert notes(pending)[-1][1].endswith("[The email is longer. It was shortened.]")


def test_a_mail_without_words_is_refused(pending: SupportRequest, rep: User) -> None:
    assert send(write(rep, pending, "> Which page?")) == "refused"
    assert receiving.EMPTY in last_mail().text


def test_a_request_takes_a_few_mails_an_hour(
    pending: SupportRequest, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_AN_HOUR", 1)
    assert [send(write(rep, pending, text)) for text in ("One", "Two")] == ["added", None]
    ReceivedMail.objects.update(received=timezone.now() - timedelta(hours=2))
    assert send(write(rep, pending, "Three")) == "added"


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def post(client: Client, mail: EmailMessage | bytes, **headers: str) -> int:
    body = mail if isinstance(mail, bytes) else mail.as_bytes()
    return client.post(
        "/mail/", body, content_type="message/rfc822", headers=headers or bearer(SECRET)
    ).status_code


def test_mail_services_post_to_a_url(pending: SupportRequest, rep: User, client: Client) -> None:
    assert post(client, write(rep, pending, "First.")) == 204
    basic = base64.b64encode(f"mail:{SECRET}".encode()).decode()
    assert post(client, write(rep, pending, "Second."), authorization=f"Basic {basic}") == 204
    form = {"body-mime": write(rep, pending, "Third.").as_string()}
    assert client.post("/mail/", form, headers=bearer(SECRET)).status_code == 204
    assert [note for _, note in notes(pending)][-3:] == ["First.", "Second.", "Third."]
    assert post(client, b"") == 400
    assert client.get("/mail/").status_code == 405


@pytest.mark.parametrize("authorization", ["", "Bearer guess", "Basic x", "Basic Z3Vlc3M="])
def test_nobody_posts_mails_without_the_secret(
    pending: SupportRequest, rep: User, client: Client, authorization: str
) -> None:
    assert post(client, write(rep, pending), authorization=authorization) == 403
    assert not ReceivedMail.objects.exists()


def test_the_url_is_off_without_a_secret(client: Client, settings: Settings) -> None:
    settings.REPLY_EMAIL_SECRET = ""
    assert post(client, b"", **bearer("")) == 403


def test_a_mail_server_runs_a_command(
    pending: SupportRequest, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(raw: bytes) -> str:
        stdin: Any = type("Stdin", (), {"buffer": BytesIO(raw)})
        monkeypatch.setattr("sys.stdin", stdin)
        out = StringIO()
        call_command("receive_mail", stdout=out, stderr=out)
        return out.getvalue().strip()

    assert run(write(rep, pending).as_bytes()) == "Added to the request"
    assert run(b"no mail") == "The mail has no sender."


def test_hostile_mails_are_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = b"From: a@b.example\n"
    for number in range(3_000):
        nested += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number)
    for hostile in (nested, b"From: a@b.example\nTo: " + b"a:" * 3_000):
        with pytest.raises(UnreadableError):
            receive(hostile)
    # Newer versions of Python read comments inside each other recursively.
    with suppress(UnreadableError):
        assert message.read(b"From: " + b"(" * 3_000).sender == ""
    monkeypatch.setattr("smscenter.support.replies.message.LARGEST", 10)
    with pytest.raises(UnreadableError):
        receive(b"From: a@b.example")

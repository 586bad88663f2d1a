"""Each email of the product reaches a real mail server, and there's none that isn't here."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.carriers import outages
from messaging.diagnosis import unclassified
from messaging.models import CarrierCode, CarrierHealth, WeeklySummary
from smscenter.accounts import mails as account_mails
from smscenter.accounts.models import AccountMail, Organization, User
from smscenter.mail_queue import QueuedMail
from smscenter.notifications import mails as notification_mails
from smscenter.notifications.kinds import kinds
from smscenter.notifications.models import Notification, NotificationMail
from smscenter.support.mail import letters, outbox
from smscenter.support.models import Mail, SupportRequestEvent
from tests import factories
from tests.support.mail_server import MailServer, text_of

ROOT = Path(__file__).parents[1]
# Modules that hand mails to the mail server.
SENDING = {
    "smscenter/mail_queue.py",
    "messaging/carriers/outages.py",
    "messaging/diagnosis/unclassified.py",
}
QUEUES: dict[type[QueuedMail], Callable[[], int]] = {
    AccountMail: account_mails.send_due,
    NotificationMail: notification_mails.send_due,
    Mail: outbox.send_due,
}
# The row that a notification of each kind is about, from `factories.everything`.
SUBJECTS = {
    "reply": "message",
    "failure": "message",
    "failed_bulk": "bulk",
    "alert": "alert",
    "weekly_summary": "week",
    "export_ready": "archive",
    **dict.fromkeys(
        ["question", "decision", "revoked", "expired", "request_update", "assigned"], "event"
    ),
}
WEEK = {
    "sent": 2,
    "failed": 1,
    "received": 0,
    "rate": "33.3",
    "change": "no change",
    "score": 80,
    "reasons": [["Landline", 1]],
    "cost": "",
}
NAMES = {
    "username": "rita",
    "inviter": "Rita & Co",
    "organization": "Acme",
    "from_email": "a@b.example",
    "to_email": "c@d.example",
    "by": "Rita & Co",
    "day": "May 3, 2026",
} | {
    f"{name}_url": f"https://x.example/{name}"
    for name in ("password_reset", "activate", "invitation", "sign_up", "settings")
}


@pytest.fixture(autouse=True)
def public(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://sms.example"


@pytest.fixture
def rows(organization: Organization) -> dict[str, Any]:
    """Return a row of every model, of an owner who also reviews requests, so gets all mails."""
    owner = factories.user(
        organization, "olga", role=User.Role.OWNER, email="olga@acme.example", is_staff=True
    )
    owner.groups.add(factories.support_group())
    found: dict[str, Any] = dict(factories.everything(owner, "Acme"))
    Mail.objects.all().delete()
    week = WeeklySummary.objects.create(
        organization=organization, monday="2026-11-16", figures=WEEK
    )
    event = SupportRequestEvent.objects.create(
        organization=organization, request=found["request"], old="draft", new="submitted"
    )
    return found | {"owner": owner, "week": week, "event": event}


def sent(server: MailServer) -> list[EmailMessage]:
    """Send what's queued, and return all that arrived."""
    for send_due in QUEUES.values():
        send_due()
    return server.box.mails


def due(rows: dict[str, Any], kind: str, mail: str = "each", occurrence: int = 1) -> None:
    Notification.objects.create(
        organization=rows["owner"].organization,
        user=rows["owner"],
        kind=kind,
        subject=rows[SUBJECTS[kind]].pk,
        occurrence=occurrence,
        place=f"{kind}{occurrence}",
        mail=mail,
        mail_due=timezone.now(),
    )
    notification_mails.write_due()


@pytest.mark.once
def test_each_mail_about_accounts_arrives(db: None, mail_server: MailServer) -> None:
    for kind in account_mails.LETTERS:
        account_mails.write(kind, f"{kind}@acme.example", NAMES)
    received = {mail["To"].partition("@")[0]: mail for mail in sent(mail_server)}
    assert received.keys() == account_mails.LETTERS.keys()
    for mail in received.values():
        text, html = text_of(mail), mail.get_body(("html",))
        assert text.startswith("Hi,")
        assert "{" not in mail["Subject"] + text
        assert "&amp;" not in text
        assert html is not None
        assert "<!DOCTYPE html>" in html.get_content()


@pytest.mark.once
def test_each_notification_is_mailed_and_arrives(
    rows: dict[str, Any], mail_server: MailServer
) -> None:
    assert SUBJECTS.keys() == kinds.by_key.keys()
    for number, kind in enumerate(SUBJECTS, start=1):
        due(rows, kind, occurrence=number)
        assert len(sent(mail_server)) == number, kind
    due(rows, "reply", "digest", occurrence=99)
    *_, digest = sent(mail_server)
    assert digest["Subject"] == "Your daily summary: 1 notification"
    assert all("https://sms.example/" in text_of(mail) for mail in mail_server.box.mails)


@pytest.mark.once
def test_mails_to_staff_and_carriers_arrive(rows: dict[str, Any], mail_server: MailServer) -> None:
    factories.user(None, "root", is_staff=True, is_superuser=True, email="root@x.example")
    now = timezone.now()
    CarrierHealth.objects.create(carrier="sandbox", pause="outage", since=now, probe_at=now)
    outages.notify_staff()
    long_ago = now - 2 * outages.QUIET
    CarrierHealth.objects.update(pause="", since=None, probe_at=None, resumed=long_ago)
    outages.notify_staff()
    CarrierCode.objects.create(carrier="twilio", code="99999", reason="unknown", known=False)
    unclassified.remind()
    letters.about_refused_email(rows["request"], rows["owner"], "It was too large.")
    packet = Mail(to="carrier@x.example", subject="Whitelist request", text="Please")
    letters.to_carrier(rows["request"], rows["owner"], packet)
    assert [mail["Subject"] for mail in sent(mail_server)] == [
        "Sandbox isn't responding",
        "Sandbox is responding again",
        "Unclassified carrier codes: 1",
        f"Not added: {rows['sender'].number} (Acme)",
        "Whitelist request",
    ]


@pytest.mark.once
def test_no_other_code_sends_mail() -> None:
    """What sends mail in another way needs a test above."""
    sends = re.compile(r"\b(EmailMessage|EmailMultiAlternatives|send_(mass_)?mail|mail_\w+s)\(")
    modules = {
        str(path.relative_to(ROOT))
        for app in ("smscenter", "messaging", "leads", "search")
        for path in (ROOT / app).rglob("*.py")
        if sends.search(re.sub(r"def \w+", "", path.read_text()).replace("self.send_mail", ""))
    }
    assert modules == SENDING
    assert set(QueuedMail.__subclasses__()) == QUEUES.keys()

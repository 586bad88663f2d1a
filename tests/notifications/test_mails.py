"""Emails about notifications: each, a daily summary, or none, and never about what was seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.incoming.notifications import notify_of_reply
from messaging.models import SenderNumber, SmsMessage
from messaging.outgoing.notifications import notify_of_failure
from smscenter.accounts.models import User
from smscenter.notifications import mails
from smscenter.notifications.kinds import Description, kinds
from smscenter.notifications.models import Notification, NotificationMail, Preference
from smscenter.notifications.notify import next_digest
from tests import factories
from tests.mailing import write_mails
from tests.support.mail_server import MailServer, text_of

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def reachable(rep: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://sms.example"
    rep.first_name, rep.email = "Rita", "rita@acme.example"
    rep.save()


@pytest.fixture
def each(rep: User) -> None:
    """Let the rep get an email for each reply and failure."""
    for kind in ("reply", "failure"):
        Preference.objects.create(user=rep, kind=kind, mail="each")


def reply(lead: Lead, words: str = "Yes, please") -> None:
    contact = lead.contacts.first()
    message = factories.message(
        lead, direction="incoming", status="inbox", text=words, contact=contact
    )
    notify_of_reply(message)


def fail(lead: Lead, user: User) -> SmsMessage:
    """Let a text fail that was accepted before."""
    message = factories.message(
        lead, status="error", reason="not_sms_capable", user=user, contact=lead.contacts.first()
    )
    notify_of_failure(message, 1)
    return message


@pytest.mark.usefixtures("each")
def test_a_failure_is_mailed_with_its_reason_and_a_link(
    mail_server: MailServer, bakery: Lead, rep: User
) -> None:
    message = fail(bakery, rep)
    mails.write_due()
    assert mails.send_due() == 0
    write_mails()
    assert mails.send_due() == 1
    [mail] = mail_server.box.mails
    assert mail["To"] == "rita@acme.example"
    assert mail["Subject"] == "Text to Ada Baker, Bluebird Bakery failed: Landline"
    html = mail.get_body(("html",))
    assert html is not None
    link = f"https://sms.example/leads/{bakery.pk}/#message-{message.pk}"
    for part in (text_of(mail), str(html.get_content())):
        assert "Hi Rita," in part
        assert link in part
        assert "https://sms.example/notifications/settings/" in part


@pytest.mark.usefixtures("each")
def test_replies_from_one_lead_are_one_email(bakery: Lead) -> None:
    for words in ("Yes", "No", "Maybe"):
        reply(bakery, words)
    write_mails()
    assert NotificationMail.objects.get().subject == "3 replies from Bluebird Bakery"
    write_mails()
    assert NotificationMail.objects.count() == 1


@pytest.mark.usefixtures("each")
def test_what_was_seen_in_the_app_is_not_mailed(bakery: Lead, as_rep: Client) -> None:
    reply(bakery)
    as_rep.get(bakery.get_absolute_url())
    write_mails()
    assert not NotificationMail.objects.exists()


@pytest.mark.usefixtures("each")
@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"email": ""}, {"organization": None, "is_staff": True}]
)
def test_who_left_meanwhile_gets_no_email(
    bakery: Lead, rep: User, change: dict[str, object]
) -> None:
    reply(bakery)
    User.objects.filter(pk=rep.pk).update(**change)
    write_mails()
    assert not NotificationMail.objects.exists()
    assert not Notification.objects.exclude(mail_due=None).exists()


def test_the_daily_summary_has_what_is_unread(
    bakery: Lead, rep: User, mail_server: MailServer, as_rep: Client
) -> None:
    other = factories.lead(rep, "Acorn Shop")
    factories.contact(other, "+14155550188", "Bo Oak")
    reply(bakery)
    fail(bakery, rep)
    reply(other, "Call me")
    as_rep.get(bakery.get_absolute_url())
    write_mails()
    assert not NotificationMail.objects.exists()
    write_mails(DAY)
    mails.send_due()
    [mail] = mail_server.box.mails
    assert mail["Subject"] == "Your daily summary: 1 notification"
    assert "Reply from Bo Oak, Acorn Shop" in text_of(mail)
    assert "Bluebird" not in text_of(mail)


def test_nothing_is_mailed_if_all_is_read_or_nobody_wants_it(
    bakery: Lead, rep: User, as_rep: Client
) -> None:
    reply(bakery)
    as_rep.get(bakery.get_absolute_url())
    fail(bakery, rep)
    Preference.objects.create(user=rep, kind="failure", mail="none")
    write_mails(DAY)
    assert not NotificationMail.objects.exists()


@pytest.mark.usefixtures("each")
def test_a_flood_is_a_few_emails(
    rep: User, number: SenderNumber, bakery: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "MOST_AN_HOUR", 2)
    for name in ("Acorn", "Birch", "Cedar", "Dogwood"):
        reply(factories.lead(rep, name))
    write_mails()
    assert [mail.subject for mail in NotificationMail.objects.all()] == ["4 new notifications"]
    for _ in range(3):
        reply(bakery)
        write_mails()
    assert NotificationMail.objects.count() == 2
    NotificationMail.objects.update(created=timezone.now() - timedelta(hours=2))
    write_mails(timedelta(minutes=20))
    assert NotificationMail.objects.latest("pk").subject == "2 replies from Bluebird Bakery"


@pytest.mark.usefixtures("each")
def test_an_error_about_one_person_does_not_keep_others_from_their_email(
    bakery: Lead, rep: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague.email = "carl@acme.example"
    colleague.save()
    Preference.objects.create(user=colleague, kind="reply", mail="each")
    fail(bakery, rep)
    reply(factories.lead(colleague, "Acorn Shop"))

    def describe(_rows: object) -> dict[int, Description]:
        raise ZeroDivisionError

    broken = replace(kinds.by_key["failure"], describe=describe)
    monkeypatch.setitem(kinds.by_key, "failure", broken)
    write_mails()
    assert NotificationMail.objects.get().to == "carl@acme.example"
    assert Notification.objects.exclude(mail_due=None).get().user == rep


@pytest.mark.once
@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-03-07 14:00", "2026-03-08 12:00"),  # the night before clocks go forward
        ("2026-10-31 13:00", "2026-11-01 13:00"),  # the night before they go back
        ("2026-06-01 11:59", "2026-06-01 12:00"),
        ("2026-06-01 12:00", "2026-06-02 12:00"),
        ("2026-12-31 23:00", "2027-01-01 13:00"),
    ],
)
def test_the_summary_is_due_at_8_am_whatever_the_clocks_do(after: str, due: str) -> None:
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert next_digest(ZoneInfo("America/New_York"), at) == expected

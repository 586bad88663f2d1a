"""Alerts begin once for one cause, end once, and are mailed to those who look after texts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import Lead
from messaging.deliverability.alerts import checking, weekly
from messaging.models import Alert, AlertSettings, Attempt, CarrierCode, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.notifications import mails
from smscenter.notifications.models import Preference
from tests import factories
from tests.mailing import write_mails
from tests.support.mail_server import MailServer, text_of

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.fixture
def number(lead: Lead) -> SenderNumber:
    return factories.sender(lead.organization)


@pytest.fixture
def boss(rep: User, settings: Settings) -> User:
    settings.PUBLIC_URL = "https://sms.example"
    return factories.user(
        rep.organization, "boss", role=User.Role.MANAGER, email="boss@acme.example"
    )


def send(lead: Lead, number: SenderNumber, sent: int, failed: int, reason: str = "spam") -> None:
    """Create texts of the last hour."""
    common = {
        "sender": number,
        "local_phone": number.phone,
        "created": NOW - timedelta(minutes=30),
    }
    failure = common | {"status": "error", "reason": reason}
    factories.messages(lead, [failure] * failed + [common] * sent)


def opened(lead: Lead) -> list[tuple[str, str]]:
    """Check, and return the cause and the subject of each open alert."""
    checking.check(lead.organization, NOW)
    return sorted(Alert.objects.open().values_list("cause", "subject"))


def test_a_rate_alone_is_no_alert_and_neither_are_many_failures(
    lead: Lead, number: SenderNumber
) -> None:
    send(lead, number, sent=0, failed=9)
    assert opened(lead) == []
    send(lead, number, sent=400, failed=9)
    assert opened(lead) == []
    send(lead, number, sent=0, failed=4)
    assert opened(lead) == [("reason", "spam")]


@pytest.mark.once
def test_one_cause_is_one_alert(lead: Lead, number: SenderNumber) -> None:
    send(lead, number, sent=20, failed=30)
    assert opened(lead) == [("reason", "spam")]
    # Below the limit of any reason, but not of the number. All its carrier's failures are its own.
    SmsMessage.objects.all().delete()
    Alert.objects.all().delete()
    other = factories.sender(lead.organization, phone="+12125550101", carrier="twilio")
    send(lead, other, sent=300, failed=0)
    for reason in ("spam", "unreachable", "expired"):
        send(lead, number, sent=0, failed=10, reason=reason)
    assert opened(lead) == [("sender", str(number.pk))]
    # The number's alert still explains them when a reason's limit is reached, too.
    send(lead, number, sent=0, failed=20)
    assert opened(lead) == [("sender", str(number.pk))]


@pytest.mark.once
def test_an_alert_stays_until_it_is_clearly_over(lead: Lead, number: SenderNumber) -> None:
    send(lead, number, sent=90, failed=10)
    assert opened(lead) == [("reason", "spam")]
    send(lead, number, sent=150, failed=0)  # 4 percent, below the limit of 5
    assert opened(lead) == [("reason", "spam")]
    send(lead, number, sent=150, failed=0)  # 2.5 percent
    assert opened(lead) == []
    assert Alert.objects.get().ended == NOW


def test_texts_that_wait_and_codes_that_nobody_knows_are_alerts(
    lead: Lead, number: SenderNumber
) -> None:
    AlertSettings.objects.create(organization=lead.organization, fewest=1)
    message = factories.message(lead, sender=number, status="outbox", created=NOW)
    attempt = Attempt.objects.create(
        organization=lead.organization, message=message, due=NOW - timedelta(minutes=14)
    )
    CarrierCode.objects.create(carrier="twilio", code="99999", known=False)
    assert opened(lead) == []
    attempt.due -= timedelta(minutes=2)
    attempt.code, attempt.created = "99999", NOW
    attempt.save()
    assert opened(lead) == [("codes", ""), ("waiting", "")]
    attempt.state = Attempt.State.FAILED
    attempt.save()
    CarrierCode.objects.filter(code="99999").update(known=True)
    assert opened(lead) == []


@pytest.mark.once
def test_beginning_and_end_are_mailed_once_to_managers_only(
    mail_server: MailServer, lead: Lead, number: SenderNumber, boss: User, client: Client
) -> None:
    lead.owner.email = "rita@acme.example"  # type: ignore[union-attr]
    lead.owner.save()  # type: ignore[union-attr]
    send(lead, number, sent=90, failed=10)
    for _ in range(2):
        checking.check_all(NOW)
    write_mails()
    mails.send_due()
    [begun] = mail_server.box.mails
    assert (begun["To"], begun["Subject"]) == (
        "boss@acme.example",
        "Alert: 10% of texts failed: Flagged as spam",
    )
    assert "10 of 100 texts failed since" in text_of(begun)
    client.force_login(boss)
    assert "10% of texts failed" in client.get("/notifications/").content.decode()
    SmsMessage.objects.all().delete()
    for _ in range(2):
        checking.check_all(NOW)
    write_mails()
    mails.send_due()
    [_, over] = mail_server.box.mails
    assert over["Subject"] == "Resolved: 10% of texts failed: Flagged as spam"


@pytest.mark.once
def test_only_managers_change_the_limits(client: Client, rep: User, boss: User) -> None:
    fields = {
        "enabled": "on",
        "hours": 12,
        "fewest": 3,
        "reason_percent": 4,
        "sender_percent": 10,
        "carrier_percent": 10,
        "waiting_minutes": 5,
    }
    client.force_login(rep)
    assert client.post("/settings/alerts/", fields).status_code == 403
    client.force_login(boss)
    refused = client.post("/settings/alerts/", fields | {"reason_percent": 0})
    assert refused.status_code == 422
    client.post("/settings/alerts/", fields)
    row = AlertSettings.objects.get()
    assert (row.organization, row.hours, row.codes) == (rep.organization, 12, False)


MONDAY_8_AM = datetime(2026, 11, 23, 13, tzinfo=UTC)  # in New York


@pytest.mark.once
def test_the_weekly_summary_comes_on_monday_morning_unless_turned_off(
    mail_server: MailServer, lead: Lead, boss: User, number: SenderNumber
) -> None:
    for days, status in ((1, "sent"), (2, "sent"), (3, "error"), (8, "error")):
        reason = "spam" if status == "error" else ""
        factories.message(
            lead, created=MONDAY_8_AM - timedelta(days=days), status=status, reason=reason
        )
    late = factories.user(
        lead.organization,
        "late",
        role=User.Role.MANAGER,
        email="late@acme.example",
        time_zone="America/Los_Angeles",
    )
    off = factories.user(lead.organization, "off", role=User.Role.MANAGER, email="off@acme.example")
    Preference.objects.create(user=off, kind="weekly_summary", in_app=False, mail="none")
    weekly.notify_all(MONDAY_8_AM - timedelta(minutes=1))
    for _ in range(2):
        weekly.notify_all(MONDAY_8_AM)
    write_mails()
    mails.send_due()
    [mail] = mail_server.box.mails
    assert (mail["To"], mail["Subject"]) == (boss.email, "Your week: 1 text failed")
    assert "Nov 16 – 22: 1 text failed (33.3%)" in text_of(mail)
    assert "Most often: Flagged as spam 1" in text_of(mail)
    weekly.notify_all(MONDAY_8_AM + timedelta(hours=3))
    write_mails()
    mails.send_due()
    assert mail_server.box.recipients == [boss.email, late.email]

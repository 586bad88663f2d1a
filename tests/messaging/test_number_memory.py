"""Landlines and dead numbers are remembered for a while, until a person marks them as textable."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import CarrierError
from messaging.composing import preflight
from messaging.management import worker
from messaging.models import Recipient, SenderNumber, SmsMessage
from smscenter.accounts.models import User
from tests.factories import MOBILE
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk


def codes(sender: SenderNumber) -> list[str]:
    found = preflight.check(
        organization=sender.organization, sender=sender, to=MOBILE, text="Hello"
    )
    return [verdict.code for verdict in preflight.refusals(found)]


def lead_page(client: Client, lead: Lead) -> str:
    return client.get(lead.get_absolute_url()).content.decode()


@pytest.fixture
def learn(queue: Queue, desk: Desk) -> SmsMessage:
    """Return a text that the carrier rejected because the number doesn't exist."""
    desk.responses[MOBILE] = CarrierError("Unknown handset", code="30005", permanent=True)
    message = queue()
    worker.run_round()
    return message


@pytest.mark.parametrize(
    ("code", "capability"), [("30006", "not_sms_capable"), ("30005", "invalid_number")]
)
def test_a_carriers_report_is_remembered_with_the_text(
    queue: Queue, desk: Desk, sender: SenderNumber, code: str, capability: str
) -> None:
    desk.responses[MOBILE] = CarrierError("No", code=code, permanent=True)
    message = queue()
    worker.run_round()
    recipient = Recipient.objects.get()
    assert (recipient.capability, recipient.evidence) == (capability, message.attempts.get())
    assert codes(sender) == [capability]


@pytest.mark.usefixtures("learn")
def test_the_lead_page_shows_the_evidence_and_when_it_expires(
    as_rep: Client, lead: Lead, learn: SmsMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = datetime(2026, 11, 3, 12, tzinfo=UTC)
    Recipient.objects.update(capability_at=reported)
    monkeypatch.setattr(timezone, "now", lambda: reported + timedelta(days=25))
    html = lead_page(as_rep, lead)
    assert "Number doesn&#x27;t exist</span>" in html
    assert "Reported as out of service on Nov 3, 2026. Expires on May 2, 2027." in html
    assert f'href="/messages/{learn.pk}/">See the failed text</a>' in html


@pytest.mark.usefixtures("learn")
def test_it_is_forgotten_after_180_days(sender: SenderNumber, settings: Settings) -> None:
    Recipient.objects.update(capability_at=timezone.now() - timedelta(days=179))
    assert codes(sender) == ["invalid_number"]
    Recipient.objects.update(capability_at=timezone.now() - timedelta(days=181))
    assert codes(sender) == []
    settings.FORGET_LANDLINES_DAYS = 0
    assert codes(sender) == ["invalid_number"]


@pytest.mark.usefixtures("learn")
def test_a_person_lifts_it_with_a_note(
    as_rep: Client, rep: User, lead: Lead, sender: SenderNumber
) -> None:
    recipient = Recipient.objects.get()
    values = {"next": lead.get_absolute_url(), "note": " Called: it's a cell "}
    response = as_rep.post(f"/recipients/{recipient.pk}/allow/", values, follow=True)
    html = response.content.decode()
    assert codes(sender) == []
    assert "Marked as textable." in html
    assert f"By {rep} on" in html
    assert "“Called: it&#x27;s a cell”" in html
    recipient.refresh_from_db()
    assert recipient.evidence is not None

from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.diagnosis import code_map
from messaging.models import Attempt, CarrierEvent, CarrierHealth, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Mail, SupportRequestEvent
from smscenter.support.models.history import record
from tests import factories


def queued(lead: Lead, *, minutes_ago: int) -> Attempt:
    message = factories.message(lead, status=SmsMessage.Status.OUTBOX)
    due = timezone.now() - timedelta(minutes=minutes_ago)
    return Attempt.objects.create(
        organization=lead.organization, message=message, carrier="sandbox", due=due
    )


def test_healthz_is_public_and_needs_no_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_healthz_and_readyz_work_over_plain_http(
    client: Client, settings: Settings, db: None
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/sign-in/").status_code == 301


@pytest.mark.django_db
def test_readyz_of_an_idle_installation(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "database": "ok",
        "pending_migrations": 0,
        "queue_age_seconds": 0,
        "callback_age_seconds": 0,
        "mail_age_seconds": 0,
        "unclassified_codes": 0,
        "unconfirmed_texts": 0,
        "senders_not_set_up": 0,
        "paused_carriers": [],
    }


def test_readyz_reports_the_age_of_the_oldest_due_text(client: Client, lead: Lead) -> None:
    queued(lead, minutes_ago=5)
    queued(lead, minutes_ago=2)
    queued(lead, minutes_ago=-60)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert 300 <= response.json()["queue_age_seconds"] < 330


@pytest.mark.django_db
def test_readyz_reports_the_age_of_the_oldest_new_callback(client: Client) -> None:
    for minutes, note in ((9, "No text with this ID yet."), (3, ""), (1, "")):
        received = timezone.now() - timedelta(minutes=minutes)
        CarrierEvent.objects.create(
            carrier="twilio", kind="status", event_id=str(minutes), payload=[], note=note,
            received=received,
        )  # fmt: skip
    assert 180 <= client.get("/readyz").json()["callback_age_seconds"] < 210


def test_readyz_reports_the_age_of_the_oldest_mail(client: Client, rep: User) -> None:
    """Count from its creation: each failed attempt postpones the due date."""
    support_request = factories.support_request(rep)
    for minutes, state in ((9, "waiting"), (5, "waiting"), (90, "sent"), (90, "failed")):
        event = record(support_request, SupportRequestEvent.Kind.MAIL, rep, "To ada@example.com")
        created = timezone.now() - timedelta(minutes=minutes)
        Mail.objects.create(
            organization=support_request.organization, request=support_request,
            event=event, to="ada@example.com",
            state=state, created=created, due=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
    assert 540 <= client.get("/readyz").json()["mail_age_seconds"] < 570


@pytest.mark.django_db
def test_readyz_fails_with_pending_migrations(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("messaging", "0001_initial")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "pending_migrations": 1}


@pytest.mark.django_db
def test_readyz_needs_no_record_of_squashed_migrations(client: Client) -> None:
    """The landed migrations that they replace were applied, and the next `migrate` records them."""
    recorder = MigrationRecorder(connection)
    for app, name in recorder.applied_migrations():
        if "_squashed_" in name:
            recorder.record_unapplied(app, name)
    assert client.get("/readyz").json()["pending_migrations"] == 0


@pytest.mark.django_db
def test_readyz_fails_without_the_database(client: Client) -> None:
    error = OperationalError("connection refused")
    with mock.patch.object(connection, "cursor", side_effect=error):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "unavailable"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_checks_are_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert "no-cache" in Client().head("/healthz")["Cache-Control"]


@pytest.mark.django_db
def test_readyz_counts_the_codes_that_staff_have_to_classify(client: Client) -> None:
    for code in ("99998", "99999"):
        code_map.read("twilio", code)
    assert client.get("/readyz").json()["unclassified_codes"] == 2


def paused_sandbox() -> None:
    now = timezone.now()
    CarrierHealth.objects.create(
        carrier="sandbox", pause="outage", since=now - timedelta(hours=1), probe_at=now
    )


def test_readyz_reports_paused_carriers_and_stays_ready(client: Client, lead: Lead) -> None:
    """Their texts don't count as late, and the probe of a load balancer doesn't fail."""
    paused_sandbox()
    queued(lead, minutes_ago=50)
    queued(lead, minutes_ago=-60)
    response = client.get("/readyz")
    report = response.json()
    assert (response.status_code, report["queue_age_seconds"]) == (200, 0)
    [carrier] = report["paused_carriers"]
    assert (carrier["carrier"], carrier["pause"]) == ("sandbox", "outage")
    assert carrier["waiting_texts"] == 1
    assert carrier["since"].endswith("+00:00")


def test_unconfirmed_texts_are_counted(client: Client, lead: Lead) -> None:
    attempt = queued(lead, minutes_ago=5)
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.UNCERTAIN)
    assert client.get("/readyz").json()["unconfirmed_texts"] == 1
    assert "smscenter_unconfirmed_texts 1\n" in client.get("/metrics").content.decode()


def test_metrics_are_in_the_format_of_prometheus(client: Client, lead: Lead) -> None:
    paused_sandbox()
    queued(lead, minutes_ago=5)
    response = client.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert response.content.decode().splitlines() == [
        "smscenter_queue_age_seconds 0.0",
        "smscenter_callback_age_seconds 0.0",
        "smscenter_mail_age_seconds 0.0",
        "smscenter_unclassified_codes 0",
        "smscenter_unconfirmed_texts 0",
        "smscenter_senders_not_set_up 0",
        'smscenter_carrier_paused{carrier="sandbox",pause="outage"} 1',
        'smscenter_carrier_waiting_texts{carrier="sandbox",pause="outage"} 1',
    ]


def test_metrics_while_the_database_is_down(client: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("refused")):
        assert client.get("/metrics").status_code == 503

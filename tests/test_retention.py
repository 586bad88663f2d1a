"""The worker deletes old data in batches, and nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from leads.models import Lead
from messaging.models import CarrierEvent
from smscenter import retention
from smscenter.accounts.models import User
from smscenter.notifications.models import Notification
from smscenter.support.models import (
    Feedback,
    ReceivedMail,
    SupportRequest,
    SupportRequestEvent,
)
from smscenter.support.models.history import record_edit
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)  # files are deleted on commit


def work() -> None:
    """Run the worker once."""
    call_command("worker", "--once", verbosity=0)


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def event(number: int, days: int, outcome: str = "applied", kind: str = "status") -> None:
    CarrierEvent.objects.create(
        carrier="sandbox", kind=kind, event_id=f"{number}", payload=[], outcome=outcome,
        received=ago(days),
    )  # fmt: skip


def remaining_events() -> list[str]:
    return list(CarrierEvent.objects.order_by("id").values_list("event_id", flat=True))


def draft(rep: User, days: float, **fields: Any) -> SupportRequest:
    support_request = factories.support_request(rep, **fields)
    SupportRequest.objects.filter(pk=support_request.pk).update(updated=ago(days))
    return support_request


def test_old_sign_ins_are_deleted(settings: Settings) -> None:
    common = {"username": "rita", "ip_address": "203.0.113.5"}
    for model, extra in (
        (AccessLog, {}),
        (AccessFailureLog, {}),
        (AccessAttempt, {"failures_since_start": 1}),
    ):
        for days in (0, 91):
            row = model.objects.create(user_agent=f"{days}", **common, **extra)
            model.objects.filter(pk=row.pk).update(attempt_time=ago(days))
    for days in (-1, 1):
        Session.objects.create(session_key=f"{days}", session_data="", expire_date=ago(days))
    work()
    for model in (AccessLog, AccessFailureLog, AccessAttempt):
        assert [row.user_agent for row in model.objects.all()] == ["0"], model
    assert [row.session_key for row in Session.objects.all()] == ["-1"]


def test_old_callbacks_are_deleted_except_waiting_texts(db: None) -> None:
    event(1, 401)
    event(2, 399)
    event(3, 401, "ignored")
    event(4, 401, "waiting")
    event(5, 401, "waiting", kind="inbound")
    event(6, 401, "applied", kind="inbound")
    work()
    assert remaining_events() == ["2", "5"]


def test_an_abandoned_draft_is_deleted_with_its_files(
    rep: User, lead: Lead, private_files: Path
) -> None:
    old, new = draft(rep, 0), draft(rep, 0)
    old.attach([factories.message(lead, status="error", reason="spam")])
    for support_request in (old, new):
        factories.evidence(support_request, rep)
    SupportRequest.objects.filter(pk=old.pk).update(updated=ago(91))
    work()
    assert list(SupportRequest.objects.all()) == [new]
    assert len([path for path in private_files.rglob("*") if path.is_file()]) == 1


@pytest.mark.once
def test_submitted_and_withdrawn_requests_are_kept(rep: User, lead: Lead) -> None:
    sender = factories.sender(lead.organization)
    sent = draft(rep, 0, kind="other", subject="Why?", body="Why?", sender=sender)
    move(sent, State.SUBMITTED, rep)
    withdrawn = draft(rep, 0)
    move(withdrawn, State.WITHDRAWN, rep)
    SupportRequest.objects.update(updated=ago(1_000))
    work()
    assert {each.pk for each in SupportRequest.objects.all()} == {sent.pk, withdrawn.pk}


@pytest.mark.once
def test_the_page_of_a_draft_shows_when_it_will_be_deleted(as_rep: Client, rep: User) -> None:
    support_request = draft(rep, 60)
    with timezone.override(rep.zone):
        day = date_format(timezone.localtime(ago(60) + timedelta(days=90)), "M j, Y")
    html = as_rep.get(support_request.get_absolute_url()).text
    assert f"This draft will be deleted on {day} unless you edit it." in html


@pytest.mark.once
def test_removing_a_file_counts_as_an_edit_of_the_draft(as_rep: Client, rep: User) -> None:
    support_request = draft(rep, 0)
    evidence = factories.evidence(support_request, rep)
    SupportRequest.objects.filter(pk=support_request.pk).update(updated=ago(89))
    as_rep.post(reverse("evidence_delete", args=[evidence.pk]))
    support_request.refresh_from_db()
    assert support_request.updated > ago(1)


def test_a_draft_saved_during_the_cleanup_is_kept(rep: User) -> None:
    support_request = draft(rep, 91)
    old = SupportRequest.objects.abandoned(ago(90))
    assert list(old) == [support_request]
    support_request.save()
    assert old.all().first() is None


@pytest.mark.once
def test_zero_days_keeps_everything(rep: User, settings: Settings, as_rep: Client) -> None:
    settings.KEEP_SIGN_INS_DAYS = settings.KEEP_DRAFTS_DAYS = settings.KEEP_CARRIER_EVENTS_DAYS = 0
    event(1, 5_000)
    support_request = draft(rep, 5_000)
    AccessLog.objects.all().delete()
    AccessLog.objects.create(username="rita")
    AccessLog.objects.update(attempt_time=ago(5_000))
    work()
    assert remaining_events() == ["1"]
    assert AccessLog.objects.count() == SupportRequest.objects.count() == 1
    assert "will be deleted" not in as_rep.get(support_request.get_absolute_url()).text


def test_feedback_is_kept_without_its_client(db: None) -> None:
    for days in (0, 2):
        Feedback.objects.create(
            article="spam", helpful=True, client=f"{days}" * 64, created=ago(days)
        )
    work()
    assert list(Feedback.objects.order_by("created").values_list("client", flat=True)) == [
        "",
        "0" * 64,
    ]


def test_rows_are_deleted_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    for number in range(25):
        event(number, 401)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    assert remaining_events() == []
    deletions = [q["sql"] for q in captured if q["sql"].startswith('DELETE FROM "messaging_carr')]
    assert len(deletions) == 3


def test_a_long_backlog_is_deleted_over_several_runs(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    monkeypatch.setattr(retention, "SECONDS", 0)
    for number in range(25):
        event(number, 401)
    work()
    assert len(remaining_events()) == 15, "the rest next time"


def test_the_history_of_a_draft_is_deleted_with_it(rep: User) -> None:
    support_request = draft(rep, 91)
    record_edit(support_request, rep, ["website"])
    work()
    assert not SupportRequestEvent.objects.exists()


def test_old_notifications_are_deleted_once_read(lead: Lead, rep: User) -> None:
    for subject, (days, read) in enumerate([(91, 90), (91, None), (89, 88)], start=1):
        Notification.objects.create(
            organization=lead.organization, user=rep, kind="reply", subject=subject, place="lead:1",
            created=ago(days), read=ago(read) if read else None,
        )  # fmt: skip
    work()
    assert list(Notification.objects.order_by("pk").values_list("subject", flat=True)) == [2, 3]


def test_received_mails_are_forgotten_after_a_month(rep: User) -> None:
    request = factories.support_request(rep)
    own = {"organization": rep.organization, "request": request, "user": rep, "outcome": "added"}
    for days in (29, 31):
        ReceivedMail.objects.create(**own, key=f"{days}", received=ago(days))
    work()
    assert [mail.key for mail in ReceivedMail.objects.all()] == ["29"]

"""A bulk send is paused, keeps its pace, and waits for quiet hours, limits, and people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.management import worker
from messaging.models import Attempt, BulkSend, CarrierHealth, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests.html import html_of
from tests.messaging.desk import Desk
from tests.messaging.outgoing.bulk.conftest import (
    Create,
    buckets,
    finish,
    move,
    number,
    recipient,
    step,
)

pytestmark = pytest.mark.once


def test_pause_resume_and_stop(
    as_rep: Client, rep: User, create: Create, desk: Desk, sender: SenderNumber
) -> None:
    for n in range(40):
        recipient(rep, n)
    SenderNumber.objects.update(rate=5)
    bulk = create()
    move(as_rep, bulk, "start")
    step()
    # As many as the number sends in two seconds. So a single text never waits longer.
    assert SmsMessage.objects.count() == 10
    move(as_rep, bulk, "pause")
    while worker.run_round():
        pass
    sent = len(desk.sent)
    step()
    assert SmsMessage.objects.count() == 10
    move(as_rep, bulk, "resume")
    assert bulk.state == "running"
    step()
    assert SmsMessage.objects.count() > 10
    move(as_rep, bulk, "stop")
    step()
    assert Attempt.objects.filter(state="queued").count() == 0
    unsent = 40 - SmsMessage.objects.count()
    assert len(desk.sent) == sent == SmsMessage.objects.count()
    assert buckets(as_rep, bulk) == {"sent": sent, "stopped": unsent}
    assert "That&#x27;s no longer possible" in html_of(
        as_rep.post(f"/bulk/{bulk.pk}/move/", {"move": "resume"}, follow=True)
    )


def test_the_pace_is_kept(as_rep: Client, rep: User, create: Create) -> None:
    for n in range(5):
        recipient(rep, n)
    bulk = create(pace=60)
    move(as_rep, bulk, "start")
    step()
    step()
    assert SmsMessage.objects.count() == 1
    BulkSend.objects.update(next_at=timezone.now() - timedelta(seconds=2))
    step()
    assert SmsMessage.objects.count() == 4


def test_quiet_hours_hold_it_and_it_can_still_be_stopped(
    as_rep: Client, rep: User, create: Create, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    recipient(rep, 0, "+14155550123")
    recipient(rep, 1)
    # 3 AM in California.
    now = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    bulk = create()
    assert buckets(as_rep, bulk) == {"waiting": 1, "quiet": 1}
    move(as_rep, bulk, "start")
    finish(bulk)
    assert [sms.to for sms in desk.sent] == [number(1)]
    assert bulk.state == "running"
    page = html_of(as_rep.get(bulk.get_absolute_url()))
    assert "1 waits until 8 AM their time." in page
    now = datetime(2026, 12, 2, 16, 1, tzinfo=UTC)
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 2}


def test_limits_hold_it_and_leave_room_for_single_texts(
    as_rep: Client, rep: User, leads: list[Lead], create: Create, desk: Desk, settings: Settings
) -> None:
    settings.TEXTS_PER_HOUR_BY_ORGANIZATION, settings.TEXTS_PER_HOUR_BY_USER = 2, 1
    bulk = create()
    move(as_rep, bulk, "start")
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 1, "waiting": 2}
    page = html_of(as_rep.get(bulk.get_absolute_url()))
    assert "Bulk sends have used their share of your organization" in page
    contact = leads[0].contacts.get()
    single: dict[str, Any] = {"user": rep, "lead": leads[0], "contact": contact}
    single |= {"sender": bulk.sender, "to": number(0)}
    outbox.check_and_queue(**single, text="Are you there?")
    with pytest.raises(outbox.LimitReached):
        outbox.check_and_queue(**single, text="Hello?")
    SmsMessage.objects.update(created=timezone.now() - timedelta(hours=2))
    finish(bulk)
    assert buckets(as_rep, bulk)["sent"] == 2


def test_the_daily_cap_leaves_room_for_single_texts(
    as_rep: Client, rep: User, create: Create, desk: Desk
) -> None:
    for n in range(8):
        recipient(rep, n)
    SenderNumber.objects.update(daily_cap=5)
    bulk = create()
    move(as_rep, bulk, "start")
    finish(bulk)
    assert buckets(as_rep, bulk) == {"sent": 4, "waiting": 4}
    assert "The rest is kept for single texts." in html_of(as_rep.get(bulk.get_absolute_url()))


def test_a_sender_number_that_is_turned_off_pauses_it(
    as_rep: Client, leads: list[Lead], create: Create
) -> None:
    bulk = create()
    move(as_rep, bulk, "start")
    SenderNumber.objects.update(active=False)
    step()
    bulk.refresh_from_db()
    assert bulk.state == "paused"
    assert "The sender number is turned off." in html_of(as_rep.get(bulk.get_absolute_url()))
    assert buckets(as_rep, bulk) == {"waiting": 3}


@pytest.mark.parametrize("lost", [{"is_active": False}, {"role": User.Role.READ_ONLY}])
def test_who_left_or_may_only_look_sends_nothing(
    as_rep: Client, rep: User, leads: list[Lead], create: Create, lost: dict[str, Any]
) -> None:
    bulk = create()
    move(as_rep, bulk, "start")
    User.objects.filter(pk=rep.pk).update(**lost)
    step()
    bulk.refresh_from_db()
    assert (bulk.state, bulk.hold) == ("paused", "person")
    assert not SmsMessage.objects.exists()


def test_progress_says_that_the_carrier_does_not_respond_until_it_does(
    as_rep: Client, leads: list[Lead], create: Create
) -> None:
    """A page that's left open learns it, and that it's over. How long it takes is unknown."""
    bulk = create(pace=1)
    move(as_rep, bulk, "start")

    def progress() -> str:
        cache.clear()
        at = f"/bulk/{bulk.pk}/?state=running"
        return html_of(as_rep.get(at, headers={"HX-Request": "true"}))

    assert " left" in progress()
    carrier = SenderNumber.objects.get().carrier
    now = timezone.now()
    outage = {"pause": "outage", "since": now, "probe_at": now + timedelta(minutes=1)}
    health = CarrierHealth.objects.create(carrier=carrier, **outage)
    during = progress()
    assert "responded since" in during
    assert " left\n" not in during
    health.delete()
    assert "responded since" not in progress()
    assert " left" in progress()

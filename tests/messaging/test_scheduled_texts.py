"""Texts are scheduled on the recipient's clock, and edited, sent, or canceled until they start."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from leads.models import Contact, ContactPhone, Lead
from messaging.management import worker
from messaging.models import Attempt, OptOut, Recipient, SenderNumber, SmsMessage
from messaging.outgoing import claims, schedule
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging.composing.forms import HTMX, form, post
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

NIGHT = datetime(2026, 11, 28, 7, 17, tzinfo=UTC)  # 11:17 PM in San Francisco, 2:17 AM in New York
MORNING = datetime(2026, 11, 28, 16, tzinfo=UTC)  # 8 AM in San Francisco


@pytest.fixture
def phone(contact: Contact) -> ContactPhone:
    return contact.phones.get()


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch, phone: ContactPhone, sender: SenderNumber) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)


@pytest.fixture
def scheduled(queue: Queue) -> SmsMessage:
    return queue(due=timezone.now() + timedelta(hours=20))


def path(message: SmsMessage, page: str) -> str:
    return f"/messages/{message.pk}/{page}/"


def edit(client: Client, message: SmsMessage, **data: Any) -> Any:
    return client.post(
        path(message, "scheduled"),
        {"text": "Changed", "send_at": tomorrow()} | data,
        follow=True,
    )


def tomorrow(hour: int = 10) -> str:
    """Return tomorrow as the organization and the recipient in Boston count days."""
    day = timezone.localdate(timezone=ZoneInfo("America/New_York")) + timedelta(days=1)
    return f"{day}T{hour:02}:00"


@pytest.mark.once
class TestInTheComposer:
    @pytest.mark.usefixtures("night")
    def test_the_time_is_the_recipients(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        data = form(phone, sender, send_at="2026-11-28T10:30")
        check = html_of(post(as_rep, lead, "check", data))
        assert "Sends Sat, Nov 28 at 10:30 AM their time (1:30 PM yours)" in check
        assert "Texting is allowed" not in check
        assert post(as_rep, lead, "new", data).status_code == 200
        message = SmsMessage.objects.get()
        due = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)
        assert (message.status, message.scheduled) == ("scheduled", due)
        assert message.attempts.get().due == due
        page = html_of(as_rep.get(lead.get_absolute_url()))
        assert "scheduled</span>" in page
        assert ">at 1:30 PM</time>" in page

    @pytest.mark.usefixtures("night")
    def test_the_next_morning_is_one_click(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        check = html_of(post(as_rep, lead, "check", form(phone, sender)))
        assert "It&#x27;s 11:17 PM where the recipient is." in check
        offer = 'name="offer" value="2026-11-28T08:00">Send at 8:00 AM their time'
        assert offer in check
        assert offer in html_of(as_rep.get(lead.get_absolute_url()))
        data = form(phone, sender, offer="2026-11-28T08:00")
        assert post(as_rep, lead, "new", data, htmx=False).status_code == 302
        assert SmsMessage.objects.get().scheduled == MORNING

    def test_a_scheduled_time_has_quiet_hours_too(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        data = form(phone, sender, send_at=tomorrow(hour=22))
        check = html_of(post(as_rep, lead, "check", data))
        assert "It&#x27;ll be 10:00 PM where the recipient is then." in check
        assert "Send at 8:00 AM their time" in check

    def test_an_offered_time_that_just_passed_means_now(
        self,
        as_rep: Client,
        lead: Lead,
        phone: ContactPhone,
        sender: SenderNumber,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(seconds=3))
        data = form(phone, sender, offer="2026-11-28T08:00")
        assert post(as_rep, lead, "new", data).status_code == 200
        assert SmsMessage.objects.get().status == "outbox"

    @pytest.mark.usefixtures("night")
    def test_an_offered_time_is_kept_while_a_repeated_text_is_confirmed(
        self, as_rep: Client, lead: Lead, phone: ContactPhone, sender: SenderNumber
    ) -> None:
        """Confirming it must not send it now, at night."""
        offer = "2026-11-28T08:00"
        post(as_rep, lead, "new", form(phone, sender, offer=offer))
        response = post(as_rep, lead, "new", form(phone, sender, offer=offer))
        assert response.status_code == 422
        assert f'name="send_at" value="{offer}"' in html_of(response)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({"send_at": "2026-11-27T22:00"}, "this time has passed"),
            ({"offer": "2026-11-27T08:00"}, "this time has passed"),
            ({"send_at": "9999-12-31T23:59"}, "Choose a date within the next year."),
            ({"send_at": "0001-01-01T00:00"}, "Choose a date within the next year."),
            ({"send_at": "soon"}, "Enter a date and a time."),
            ({"later": "yes"}, "Choose a date and a time."),
        ],
    )
    @pytest.mark.usefixtures("night")
    def test_other_times_are_refused(
        self,
        as_rep: Client,
        lead: Lead,
        phone: ContactPhone,
        sender: SenderNumber,
        data: dict[str, str],
        sentence: str,
    ) -> None:
        is_htmx = "offer" in data  # Both say it in the same words.
        response = post(as_rep, lead, "new", form(phone, sender, **data), htmx=is_htmx)
        assert response.status_code == 422
        assert sentence in html_of(response)
        assert not SmsMessage.objects.exists()

    def test_a_number_without_a_place_uses_the_writers_clock(
        self, as_rep: Client, lead: Lead, sender: SenderNumber
    ) -> None:
        phone = factories.contact(lead, "+18005551212", "Tolly").phones.get()
        data = form(phone, sender, send_at=tomorrow())
        assert "tomorrow at 10:00 AM your time" in html_of(post(as_rep, lead, "check", data))


class TestBeforeItStarts:
    @pytest.mark.once
    def test_it_is_listed(self, as_rep: Client, scheduled: SmsMessage) -> None:
        for url in ("/messages/?q=status%3Ascheduled", scheduled.lead.get_absolute_url()):
            page = html_of(as_rep.get(url))
            assert "scheduled</span>" in page
            assert scheduled.get_absolute_url() in page
        page = html_of(as_rep.get(scheduled.get_absolute_url()))
        for name in ("scheduled", "send-now", "unschedule"):
            assert path(scheduled, name) in page

    @pytest.mark.once
    def test_text_and_time_are_edited(self, as_rep: Client, scheduled: SmsMessage) -> None:
        page = html_of(as_rep.get(path(scheduled, "scheduled")))
        assert "Hello</textarea>" in page
        assert "Recipient&#x27;s time, now " in page
        response = edit(as_rep, scheduled, text="Changed “quotes”", send_at=tomorrow(hour=14))
        assert "Text rescheduled: sends" in html_of(response)
        scheduled.refresh_from_db()
        assert (scheduled.text, scheduled.sent_text) == ("Changed “quotes”", "Changed “quotes”")
        assert (scheduled.status, scheduled.encoding) == ("scheduled", "UCS-2")
        assert scheduled.attempts.get().due == scheduled.scheduled
        assert scheduled.scheduled is not None
        claim = claims.claim(10, at=scheduled.scheduled + timedelta(seconds=1))
        assert [attempt.message.text for attempt in claim.attempts] == ["Changed “quotes”"]

    @pytest.mark.once
    @pytest.mark.parametrize(
        "data",
        [{"text": " "}, {"text": ""}, {"send_at": ""}, {"send_at": "2026-01-01T08:00"}],
    )
    def test_a_wrong_edit_changes_nothing(
        self, as_rep: Client, scheduled: SmsMessage, data: dict[str, str]
    ) -> None:
        assert edit(as_rep, scheduled, **data).status_code == 422
        due, text = scheduled.scheduled, scheduled.text
        scheduled.refresh_from_db()
        assert (scheduled.scheduled, scheduled.text) == (due, text)
        assert scheduled.attempts.get().due == due

    @pytest.mark.once
    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_it_is_sent_now(
        self, as_rep: Client, scheduled: SmsMessage, desk: Desk, headers: dict[str, str]
    ) -> None:
        as_rep.post(path(scheduled, "send-now"), headers=headers)
        worker.run_round()
        scheduled.refresh_from_db()
        assert scheduled.status == "sent"
        assert len(desk.sent) == 1

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_it_is_canceled(
        self, as_rep: Client, scheduled: SmsMessage, lead: Lead, headers: dict[str, str]
    ) -> None:
        for _ in range(2):
            response = as_rep.post(path(scheduled, "unschedule"), headers=headers)
        assert response.status_code == 404
        assert not SmsMessage.objects.exists()
        assert not Attempt.objects.exists()
        lead.refresh_from_db()
        assert lead.sms_count == 0

    @pytest.mark.once
    def test_an_opt_out_refuses_every_change(self, as_rep: Client, scheduled: SmsMessage) -> None:
        own = {"organization": scheduled.organization}
        recipient = Recipient.objects.create(**own, phone=scheduled.remote_phone)
        OptOut.objects.create(**own, recipient=recipient, source="staff")
        assert "opted out" in html_of(edit(as_rep, scheduled))
        response = as_rep.post(path(scheduled, "send-now"), headers=HTMX)
        assert "opted out" in html_of(response)
        scheduled.refresh_from_db()
        assert (scheduled.status, scheduled.text) == ("scheduled", "Hello")


@pytest.mark.once
class TestOnceAWorkerTookIt:
    @pytest.fixture
    def taken(self, scheduled: SmsMessage) -> SmsMessage:
        """Return a text as a page read it, just before a worker took it."""
        assert scheduled.scheduled is not None
        claim = claims.claim(10, at=scheduled.scheduled + timedelta(seconds=1))
        assert len(claim.attempts) == 1
        return scheduled

    @pytest.mark.parametrize("name", ["scheduled", "send-now", "unschedule"])
    @pytest.mark.parametrize(("headers", "is_read_before"), [(HTMX, True), ({}, False)])
    def test_it_cannot_be_changed(
        self,
        as_rep: Client,
        taken: SmsMessage,
        name: str,
        headers: dict[str, str],
        is_read_before: bool,
    ) -> None:
        if is_read_before:  # what a request sees that began before the worker
            SmsMessage.objects.filter(pk=taken.pk).update(status="scheduled")
        data = {"text": "Changed", "send_at": tomorrow()}
        response = as_rep.post(path(taken, name), data, headers=headers, follow=True)
        assert "It&#x27;s too late to change this text" in html_of(response)
        taken.refresh_from_db()
        assert taken.text == "Hello"
        assert taken.attempts.get().state == "sending"


def test_members_of_other_organizations_change_nothing(
    as_stranger: Client, scheduled: SmsMessage, rep: User
) -> None:
    for name in ("scheduled", "send-now", "unschedule"):
        assert as_stranger.post(path(scheduled, name)).status_code == 404
    assert SmsMessage.objects.get().status == "scheduled"


@pytest.mark.django_db(transaction=True)
def test_a_worker_and_an_edit_at_the_same_time(queue: Queue, rep: User) -> None:
    """A worker sends what was edited before it, and nobody edits what it took."""
    for _ in range(10):
        message = queue(due=timezone.now() + timedelta(hours=20))
        assert message.scheduled is not None
        start, claimed = threading.Barrier(2), list[str]()
        work = partial(_claim, start, message.scheduled + timedelta(hours=1), claimed)
        thread = threading.Thread(target=work)
        thread.start()
        start.wait()
        due = message.scheduled + timedelta(minutes=1)
        try:
            schedule.edit(message, rep, text="Changed", due=due)
        except schedule.StartedError:
            expected = "Hello"
        else:
            expected = "Changed"
        thread.join()
        message.refresh_from_db()
        assert message.text == expected
        assert claimed in ([], [expected])
        assert message.attempts.count() == 1
        Attempt.objects.all().delete()


def _claim(start: threading.Barrier, at: datetime, claimed: list[str]) -> None:
    try:
        start.wait()
        claimed += [attempt.message.text for attempt in claims.claim(10, at=at).attempts]
    finally:
        connection.close()

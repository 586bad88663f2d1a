"""A failed text that's going to be retried: why it failed, when it's retried, how to stop it."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from structlog.testing import capture_logs

from leads.models import Lead
from messaging.carriers import CarrierError
from messaging.diagnosis.announcement import announce
from messaging.management import worker
from messaging.models import Attempt, OptOut, Recipient, SmsMessage
from messaging.outgoing import claims
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging import calls
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk

HTMX = {"HX-Request": "true"}
# 11:23 PM in New York, where the organization is.
NOW = datetime(2026, 11, 27, 4, 23, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def refused(queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> SmsMessage:
    """Return a text that the carrier rejected. It's retried in ten minutes, and no error yet."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    desk.responses[factories.MOBILE] = CarrierError("Phone is off", code="30003")
    message = queue()
    worker.run_round()
    Attempt.objects.filter(number=2).update(due=SOON)
    desk.responses.clear()
    message.refresh_from_db()
    assert message.status == "outbox"
    return message


@pytest.fixture
def failed(refused: SmsMessage) -> SmsMessage:
    """Return a text that the carrier accepted first: an error at once, and retried, too."""
    SmsMessage.objects.update(status="error", reason="unreachable", receipt="failed")
    refused.refresh_from_db()
    return refused


@pytest.fixture(params=["refused", "failed"])
def message(request: pytest.FixtureRequest) -> SmsMessage:
    found: SmsMessage = request.getfixturevalue(request.param)
    return found


def page(client: Client, message: SmsMessage) -> str:
    return client.get(message.lead.get_absolute_url()).content.decode()


def explanation(html: str) -> str:
    """Return what the label opens, without its tags."""
    [inside] = re.findall(r'<div popover id="why-.*?</details>\s*</div>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", inside).split())


@pytest.mark.once
class TestWhatIsShown:
    def test_the_evidence_the_time_and_the_actions_are_shown(
        self, as_rep: Client, message: SmsMessage
    ) -> None:
        on_lead = page(as_rep, message)
        alone = as_rep.get(message.get_absolute_url()).content.decode()
        for html in (on_lead, alone):
            assert "<q>Phone is off</q>" in html
            assert "<code>30003</code>" in html
            assert "Phone unreachable" in html
            assert "no code and no words" not in html
        opened = explanation(on_lead)
        assert "Retrying automatically at 11:33 PM Retry now Cancel" in opened
        assert "Resend" not in opened
        assert re.search(r"Retrying automatically <time[^>]*>at 11:33 PM</time>", alone)
        assert f'action="/messages/{message.pk}/again/"' in alone
        assert f'action="/messages/{message.pk}/cancel/"' in alone
        assert "hx-post" not in alone.partition('<div class="retry">')[2].partition("</div>")[0]

    def test_the_time_is_in_the_readers_zone_with_the_date_if_not_today(
        self, as_rep: Client, rep: User, failed: SmsMessage
    ) -> None:
        Attempt.objects.filter(number=2).update(due=NOW + timedelta(hours=9))
        assert "Retrying automatically tomorrow at 8:23 AM" in explanation(page(as_rep, failed))
        User.objects.filter(pk=rep.pk).update(time_zone="America/Anchorage")
        assert "Retrying automatically tomorrow at 4:23 AM" in explanation(page(as_rep, failed))
        User.objects.filter(pk=rep.pk).update(time_zone="Asia/Tokyo")
        assert "Retrying automatically at 10:23 PM" in explanation(page(as_rep, failed))

    def test_no_action_would_send_the_text_twice(self, as_rep: Client, message: SmsMessage) -> None:
        SmsMessage.objects.filter(status="error").update(reason="content_invalid")
        Attempt.objects.filter(number=1).update(reason="content_invalid")
        html = page(as_rep, message)
        assert "Edit and resend" not in html
        as_rep.post(f"/messages/{message.pk}/cancel/")
        assert "Edit and resend" in page(as_rep, message)

    def test_a_waiting_first_attempt_is_not_a_retry(self, as_rep: Client, queue: Queue) -> None:
        later = queue(due=timezone.now() + timedelta(hours=1))
        assert "Retrying" not in page(as_rep, later)
        assert "Why it failed" not in as_rep.get(later.get_absolute_url()).content.decode()
        for button in ("cancel", "again"):
            assert as_rep.post(f"/messages/{later.pk}/{button}/").status_code == 302
        later.refresh_from_db()
        assert (later.status, later.attempts.get().due) == ("scheduled", later.scheduled)

    def test_the_last_failed_attempt_is_the_evidence(
        self, as_rep: Client, message: SmsMessage
    ) -> None:
        Attempt.objects.filter(number=2).update(number=3)
        Attempt.objects.create(
            organization=message.organization,
            message=message,
            number=2,
            carrier="desk",
            state="failed",
            reason="unreachable",
            carrier_words="Still off",
        )
        html = explanation(page(as_rep, message))
        assert "Still off" in html
        assert "Phone is off" not in html

    def test_an_open_page_does_not_poll_all_night(self, message: SmsMessage) -> None:
        assert not message.is_pending()
        assert message.is_pending(SOON - timedelta(minutes=1))

    def test_screen_readers_announce_the_retry(self, message: SmsMessage) -> None:
        assert "Phone unreachable. Retrying automatically at 4:33 AM UTC." in announce(message)


@pytest.mark.once
class TestRetryNow:
    @pytest.mark.parametrize(
        ("message", "headers"), [("refused", HTMX), ("failed", {})], indirect=["message"]
    )
    def test_retry_now_sends_the_text(
        self, as_rep: Client, message: SmsMessage, headers: dict[str, str]
    ) -> None:
        html = as_rep.post(
            f"/messages/{message.pk}/again/", headers=headers, follow=True
        ).content.decode()
        assert "Retrying automatically" not in html
        assert "sending" in html
        assert worker.run_round() == 1
        message.refresh_from_db()
        assert (message.status, message.attempts.count()) == ("sent", 2)

    def test_a_second_click_on_retry_now_does_nothing(
        self, as_rep: Client, message: SmsMessage, desk: Desk
    ) -> None:
        for _ in range(2):
            assert as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX).status_code == 200
        worker.run_round()
        as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX)
        assert message.attempts.count() == 2
        assert len(desk.sent) == 2

    def test_the_text_is_checked_first(self, as_rep: Client, message: SmsMessage) -> None:
        recipient = Recipient.objects.create(
            organization=message.organization, phone=message.remote_phone
        )
        OptOut.objects.create(
            organization=message.organization, recipient=recipient, source="staff"
        )
        html = as_rep.post(f"/messages/{message.pk}/again/", headers=HTMX).content.decode()
        assert "opted out" in html
        assert "Retrying automatically" in html
        assert Attempt.objects.get(number=2).due == SOON

    def test_the_text_is_checked_as_it_is_sent(self, as_rep: Client, failed: SmsMessage) -> None:
        """The text is short enough only with plain characters."""
        SmsMessage.objects.update(text="’" * 1500, sent_text="'" * 1500)
        as_rep.post(f"/messages/{failed.pk}/again/", headers=HTMX)
        assert Attempt.objects.get(number=2).due == NOW


@pytest.mark.once
class TestCancel:
    def test_a_canceled_text_keeps_the_error_of_its_last_attempt(
        self, as_rep: Client, rep: User, message: SmsMessage
    ) -> None:
        with capture_logs() as logs:
            html = as_rep.post(f"/messages/{message.pk}/cancel/", headers=HTMX).content.decode()
        message.refresh_from_db()
        assert (message.status, message.reason) == ("error", "unreachable")
        assert [attempt.state for attempt in message.attempts.all()] == ["failed"]
        assert "Retrying automatically" not in html
        assert "<q>Phone is off</q>" in html
        assert "Resend</button>" in html
        [line] = [line for line in logs if line["event"] == "retry_canceled"]
        assert (line["message"], line["attempt"], line["user"]) == (message.pk, 2, rep.pk)

    def test_canceling_works_without_javascript(self, as_rep: Client, failed: SmsMessage) -> None:
        response = as_rep.post(f"/messages/{failed.pk}/cancel/", follow=True)
        assert response.redirect_chain == [(f"/leads/{failed.lead_id}/#message-{failed.pk}", 302)]
        assert "Retry canceled." in response.content.decode()

    def test_a_second_click_gets_a_message(self, as_rep: Client, failed: SmsMessage) -> None:
        as_rep.post(f"/messages/{failed.pk}/cancel/", follow=True)
        html = as_rep.post(f"/messages/{failed.pk}/cancel/", follow=True).content.decode()
        assert "No retry to cancel" in html
        assert as_rep.post(f"/messages/{failed.pk}/cancel/", headers=HTMX).status_code == 200

    @pytest.mark.parametrize(
        ("message", "after"),
        [("refused", "retry now"), ("failed", "it is due")],
        indirect=["message"],
    )
    def test_a_retry_that_is_due_can_be_canceled_until_it_starts(
        self,
        as_rep: Client,
        message: SmsMessage,
        after: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It may wait for a carrier that doesn't respond, or for its number's next day."""
        if after == "retry now":
            as_rep.post(f"/messages/{message.pk}/again/")
        else:
            monkeypatch.setattr(timezone, "now", lambda: SOON)
        response = as_rep.post(f"/messages/{message.pk}/cancel/", follow=True).content.decode()
        assert "Retry canceled." in response
        assert claims.claim(1).attempts == []

    def test_a_started_retry_cannot_be_canceled(
        self, as_rep: Client, failed: SmsMessage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(timezone, "now", lambda: SOON)
        claims.claim(1)
        response = as_rep.post(f"/messages/{failed.pk}/cancel/", follow=True).content.decode()
        assert "No retry to cancel. It already started" in response
        assert failed.attempts.count() == 2

    def test_canceling_requires_a_post(self, as_rep: Client, failed: SmsMessage) -> None:
        assert as_rep.get(f"/messages/{failed.pk}/cancel/").status_code == 405

    def test_another_organizations_member_cannot_cancel(
        self, as_stranger: Client, failed: SmsMessage
    ) -> None:
        assert as_stranger.post(f"/messages/{failed.pk}/cancel/").status_code == 404
        assert failed.attempts.count() == 2


@pytest.mark.once
@pytest.mark.parametrize(
    ("message", "button"), [("refused", "again"), ("failed", "cancel")], indirect=["message"]
)
def test_a_colleagues_open_page_is_updated(
    as_rep: Client, message: SmsMessage, button: str, lead: Lead
) -> None:
    Attempt.objects.filter(number=2).update(due=NOW + timedelta(minutes=1))
    timeline = as_rep.get(lead.get_absolute_url()).context["timeline"]
    [activity] = timeline.activities
    query = {"since": str(timeline.newest), "pending": [activity.version]}
    updates = f"/leads/{lead.pk}/news/"
    assert activity.is_pending
    assert "hx-swap-oob" not in as_rep.get(updates, query).content.decode()
    as_rep.post(f"/messages/{message.pk}/{button}/")
    assert f'<li id="message-{message.pk}"' in as_rep.get(updates, query).content.decode()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["cancel", "a late delivery report"])
def test_a_retry_being_claimed_is_not_canceled(
    as_rep: Client, lead: Lead, organization: Organization, by: str
) -> None:
    sender = factories.sender(organization)
    message = factories.message(lead, status="error", reason="unreachable", sender=sender)
    fields = {"organization": organization, "message": message, "carrier": "sandbox"}
    Attempt.objects.create(**fields, state="failed", reason="unreachable", carrier_id="SM1")
    later = timezone.now() + timedelta(minutes=10)
    waiting = Attempt.objects.create(**fields, number=2, due=later)

    def stop() -> None:
        if by == "cancel":
            as_rep.post(f"/messages/{message.pk}/cancel/")
        else:
            calls.report("delivered")
        connection.close()

    thread = threading.Thread(target=stop)
    with transaction.atomic():
        Attempt.objects.select_for_update().get(pk=waiting.pk)
        thread.start()
        thread.join(1)
        claims.claim(1, later)
    thread.join(10)
    waiting.refresh_from_db()
    assert waiting.state == "sending"

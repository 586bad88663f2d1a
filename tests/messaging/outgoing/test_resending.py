from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.carriers import CarrierError
from messaging.management import worker
from messaging.models import Attempt, Recipient, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk


@pytest.fixture
def failed(queue: Queue, desk: Desk) -> SmsMessage:
    desk.responses[factories.MOBILE] = CarrierError("Filtered", code="30007", permanent=True)
    message = queue()
    worker.run_round()
    desk.responses.clear()
    message.refresh_from_db()
    return message


def test_a_new_attempt_is_really_sent(failed: SmsMessage, rep: User, desk: Desk) -> None:
    """Another product's retry cleared the error and sent nothing."""
    attempt = outbox.resend(failed, rep)
    failed.refresh_from_db()
    assert (failed.status, failed.reason, failed.receipt) == ("outbox", "", "")
    assert (attempt.number, attempt.state) == (2, "queued")
    worker.run_round()
    failed.refresh_from_db()
    assert failed.status == "sent"
    assert len({sms.key for sms in desk.sent}) == 2


def test_two_tabs_make_one_attempt(failed: SmsMessage, rep: User) -> None:
    assert outbox.resend(failed, rep) == outbox.resend(failed, rep)
    assert failed.attempts.count() == 2


def test_only_a_failed_text_is_resent(queue: Queue, rep: User) -> None:
    message = queue()
    worker.run_round()
    with pytest.raises(outbox.NotFailedError):
        outbox.resend(message, rep)
    assert message.attempts.count() == 1


def test_a_known_landline_is_refused(failed: SmsMessage, rep: User) -> None:
    recipient, _ = Recipient.objects.get_or_create(
        organization=failed.organization, phone=failed.remote_phone
    )
    recipient.learn(Recipient.Capability.NOT_SMS_CAPABLE, failed.attempts.get())
    with pytest.raises(outbox.Refused):
        outbox.resend(failed, rep)
    failed.refresh_from_db()
    assert failed.status == "error"


def test_an_automatic_retry_is_sent_now(failed: SmsMessage, rep: User) -> None:
    later = timezone.now() + timedelta(minutes=10)
    planned = Attempt.objects.create(
        organization=failed.organization, message=failed, number=2, carrier="desk", due=later
    )
    assert outbox.resend(failed, rep) == planned
    assert worker.run_round() == 1
    failed.refresh_from_db()
    assert failed.status == "sent"
    assert failed.attempts.count() == 2


class TestUnconfirmedAttempts:
    @pytest.fixture
    def uncertain(self, queue: Queue) -> Attempt:
        attempt = only_attempt(queue())
        Attempt.objects.update(state="uncertain", claims=4)
        return attempt

    def test_a_sent_text_is_confirmed(self, uncertain: Attempt, rep: User) -> None:
        assert outbox.settle(uncertain, rep, sent=True)
        uncertain.refresh_from_db()
        assert (uncertain.state, uncertain.message.status) == ("accepted", "sent")
        assert uncertain.raw["settled_by"] == "rita"

    def test_a_text_that_was_not_sent_fails(self, uncertain: Attempt, rep: User) -> None:
        assert outbox.settle(uncertain, rep, sent=False)
        uncertain.refresh_from_db()
        assert (uncertain.state, uncertain.message.status) == ("failed", "error")
        assert uncertain.raw["settled_by"] == "rita"
        assert outbox.resend(uncertain.message, rep).number == 2

    def test_an_attempt_is_settled_only_once(self, uncertain: Attempt, rep: User) -> None:
        assert outbox.settle(uncertain, rep, sent=True)
        assert not outbox.settle(uncertain, rep, sent=False)
        uncertain.refresh_from_db()
        assert uncertain.state == "accepted"

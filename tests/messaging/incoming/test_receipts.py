import random
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.models import Lead
from messaging.carriers import Accepted
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.composing import preflight
from messaging.models import Attempt, CarrierCode, OptOut, Recipient, SenderNumber, SmsMessage
from messaging.outgoing import claims, outbox, results
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging import calls
from tests.messaging.calls import report


@pytest.fixture
def number(organization: Organization) -> SenderNumber:
    return factories.sender(organization)


@pytest.fixture
def attempt(lead: Lead, number: SenderNumber) -> Attempt:
    return calls.sent(lead, number)


def state(attempt: Attempt) -> tuple[str, str, str]:
    """Return the status, reason, and receipt of the message."""
    message = SmsMessage.objects.get(pk=attempt.message_id)
    return message.status, message.reason, message.receipt


FILTERED = ("error", "spam", "failed")


class TestOrder:
    def test_the_usual_order(self, attempt: Attempt) -> None:
        for word in ("queued", "sending", "sent"):
            report(word)
            assert state(attempt) == ("sent", "", "accepted")
        report("delivered")
        assert state(attempt) == ("sent", "", "delivered")

    def test_delivered_before_sent(self, attempt: Attempt) -> None:
        for word in ("delivered", "sent", "sending", "queued"):
            report(word)
            assert state(attempt) == ("sent", "", "delivered")

    def test_a_repeated_receipt_changes_nothing(self, attempt: Attempt) -> None:
        for _ in range(2):
            report("undelivered", "30007")
            assert state(attempt) == FILTERED

    def test_delivered_after_undelivered_keeps_the_failure(self, attempt: Attempt) -> None:
        report("undelivered", "30007")
        report("delivered")
        assert state(attempt) == FILTERED
        assert calls.last_event().outcome == "ignored"

    def test_a_failure_after_delivered_counts(self, attempt: Attempt) -> None:
        report("delivered")
        report("undelivered", "30007")
        assert state(attempt) == FILTERED

    def test_the_order_never_matters(self, attempt: Attempt) -> None:
        words = ["sending", "sent", "delivered", "undelivered", "sent", "delivered"]
        random.Random(7).shuffle(words)
        for word in words:
            report(word, "30007" if word == "undelivered" else "")
        assert state(attempt) == FILTERED

    def test_a_receipt_counts_after_a_day(self, attempt: Attempt) -> None:
        yesterday = timezone.now() - timedelta(hours=24)
        SmsMessage.objects.update(sent=yesterday, created=yesterday)
        report("undelivered", "30007")
        assert state(attempt) == FILTERED


@pytest.mark.once
class TestCodes:
    def test_a_code_gives_the_reason(self, attempt: Attempt, lead: Lead) -> None:
        report("failed", "30007")
        attempt.refresh_from_db()
        assert (attempt.state, attempt.code, attempt.reason) == ("failed", "30007", "spam")
        lead.refresh_from_db()
        assert (lead.failed_sms_count, lead.latest_sms_status) == (1, "error")

    @pytest.mark.parametrize("code", ["30007", ""])
    def test_the_carriers_message_is_kept(self, attempt: Attempt, code: str) -> None:
        report("failed", code, words="Message filtered")
        attempt.refresh_from_db()
        assert (attempt.code, attempt.carrier_words) == (code, "Message filtered")

    def test_the_carriers_first_response_is_kept(self, attempt: Attempt) -> None:
        Attempt.objects.update(raw={"status": "queued"})
        report("failed", "30007")
        attempt.refresh_from_db()
        assert attempt.raw == {"status": "queued"}

    def test_a_second_failure_without_a_code_keeps_it(self, attempt: Attempt) -> None:
        report("undelivered", "30007")
        report("failed")
        attempt.refresh_from_db()
        assert attempt.code == "30007"
        assert state(attempt) == FILTERED

    def test_a_code_after_a_failure_without_one_is_used(self, attempt: Attempt) -> None:
        report("failed")
        assert state(attempt) == ("error", "unknown", "failed")
        report("undelivered", "30007")
        assert state(attempt) == FILTERED

    def test_a_stale_code_is_ignored(self, attempt: Attempt) -> None:
        report("sending", "30007")
        attempt.refresh_from_db()
        assert (attempt.code, state(attempt)) == ("", ("sent", "", "accepted"))

    @pytest.mark.parametrize("code", ["30009", "30025", "30026", "30038", "30039"])
    def test_codes_that_are_not_about_the_text_are_ignored(
        self, attempt: Attempt, code: str
    ) -> None:
        assert report("failed", code).status_code == 200
        assert state(attempt) == ("sent", "", "accepted")

    def test_a_missing_receipt_is_not_a_failure(
        self, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Bandwidth has a code for this; resending would send the text twice."""
        monkeypatch.setattr(Sandbox, "code_map", "bandwidth")
        report("failed", "9902")
        assert state(attempt) == ("sent", "", "accepted")

    def test_an_unknown_code_fails_the_text_and_joins_the_queue(self, attempt: Attempt) -> None:
        report("failed", "12345")
        assert state(attempt) == ("error", "unknown", "failed")
        assert not CarrierCode.objects.get(code="12345").known

    def test_an_unknown_status_is_kept(self, attempt: Attempt) -> None:
        assert report("teleported").status_code == 200
        event = calls.last_event()
        assert (event.outcome, event.attempt) == ("ignored", attempt)
        assert "teleported" in event.note
        assert state(attempt) == ("sent", "", "accepted")

    def test_receipts_can_have_rejection_codes(self, attempt: Attempt) -> None:
        report("failed", "21614")
        assert state(attempt)[:2] == ("error", "not_sms_capable")


class TestLearning:
    def test_a_landline_is_remembered(self, attempt: Attempt) -> None:
        report("undelivered", "30006")
        recipient = Recipient.objects.get(phone=factories.MOBILE)
        assert recipient.cannot_receive
        assert recipient.evidence == attempt

    @pytest.mark.usefixtures("attempt")
    def test_an_opt_out_at_the_carrier_stops_this_sender_and_no_other(
        self, organization: Organization, number: SenderNumber
    ) -> None:
        """The code has to be learned, or more texts go to people who opted out."""
        report("failed", "21610")
        other = factories.sender(organization, phone="+12125550111")
        assert [opt_out.sender for opt_out in OptOut.objects.all()] == [number]
        refused = [
            [
                verdict.code
                for verdict in preflight.refusals(
                    preflight.check(
                        organization=organization, sender=sender, to=factories.MOBILE, text="Hello"
                    )
                )
            ]
            for sender in (number, other)
        ]
        assert refused == [["opted_out"], []]


class TestAutomaticRetries:
    def test_an_unreachable_phone_gets_one_retry(self, attempt: Attempt) -> None:
        report("undelivered", "30003")
        assert state(attempt) == ("error", "unreachable", "failed")
        retry = Attempt.objects.get(number=2)
        assert retry.due - timezone.now() > timedelta(minutes=9)
        results.mark_accepted(retry, Accepted("SM2"))
        assert state(attempt) == ("sent", "", "accepted")
        report("undelivered", "30003", sid="SM2")
        assert state(attempt) == ("error", "unreachable", "failed")
        assert Attempt.objects.count() == 2

    def test_no_retry_after_a_reported_delivery(self, attempt: Attempt) -> None:
        report("delivered")
        report("undelivered", "30003")
        assert state(attempt) == ("error", "unreachable", "failed")
        assert Attempt.objects.count() == 1

    @pytest.mark.usefixtures("attempt")
    def test_no_retry_of_a_permanent_failure(self) -> None:
        report("undelivered", "30007")
        assert Attempt.objects.count() == 1

    def test_a_delivery_reported_later_cancels_the_retry(self, attempt: Attempt) -> None:
        """The recipient may have the text, and a second one would be worse than none."""
        report("undelivered", "30003")
        report("delivered")
        assert list(Attempt.objects.all()) == [attempt]
        assert state(attempt) == ("error", "unreachable", "failed")
        assert "the automatic retry was canceled" in calls.last_event().note
        assert calls.last_event().outcome == "applied"

    def test_a_delivery_does_not_cancel_a_retry_that_a_person_started(
        self, attempt: Attempt, rep: User
    ) -> None:
        report("undelivered", "30003")
        outbox.resend(attempt.message, rep)
        report("delivered")
        assert Attempt.objects.count() == 2
        assert state(attempt)[0] == "outbox"

    @pytest.mark.usefixtures("attempt")
    def test_a_delivery_does_not_cancel_a_retry_that_has_started(self) -> None:
        report("undelivered", "30003")
        claims.claim(1, timezone.now() + timedelta(hours=1))
        report("delivered")
        assert [each.state for each in Attempt.objects.order_by("number")] == ["failed", "sending"]


@pytest.mark.once
class TestOlderAttempts:
    @pytest.fixture(autouse=True)
    def _newer(self, attempt: Attempt) -> None:
        calls.accepted(attempt.message, number=2, sid="SM2")

    def test_a_failure_stays_with_the_attempt(self, attempt: Attempt) -> None:
        report("undelivered", "30007")
        attempt.refresh_from_db()
        assert (attempt.state, attempt.code) == ("failed", "30007")
        assert state(attempt) == ("sent", "", "accepted")

    def test_a_delivery_stays_with_the_attempt(self, attempt: Attempt) -> None:
        report("undelivered", "30007", sid="SM2")
        report("delivered")
        attempt.refresh_from_db()
        assert attempt.receipt == "delivered"
        assert state(attempt) == FILTERED

    def test_a_landline_is_still_remembered(self) -> None:
        report("undelivered", "30006")
        assert Recipient.objects.get(phone=factories.MOBILE).cannot_receive


class TestCallbackBeforeTheResponse:
    """The carrier's callback arrives while the worker still waits for its response."""

    @pytest.fixture
    def open_attempt(self, lead: Lead, number: SenderNumber) -> Attempt:
        message = factories.message(lead, sender=number, status="outbox")
        return Attempt.objects.create(
            organization=lead.organization, message=message, carrier="sandbox"
        )

    def test_a_callback_confirms_that_the_carrier_accepted_the_text(
        self, open_attempt: Attempt
    ) -> None:
        claim = claims.claim(1)
        report("queued", key=open_attempt.key)
        open_attempt.refresh_from_db()
        assert (open_attempt.state, open_attempt.carrier_id) == ("accepted", "SM1")
        assert state(open_attempt) == ("sent", "", "accepted")
        assert not results.mark_accepted(open_attempt, Accepted("SM1"), lease=claim.lease)

    def test_a_failure_is_recorded(self, open_attempt: Attempt) -> None:
        report("failed", "30007", key=open_attempt.key)
        assert state(open_attempt) == FILTERED

    def test_an_unconfirmed_attempt_is_confirmed(self, open_attempt: Attempt) -> None:
        Attempt.objects.update(state="uncertain")
        report("delivered", key=open_attempt.key)
        assert state(open_attempt) == ("sent", "", "delivered")

    def test_an_unknown_key_is_ignored(self, open_attempt: Attempt) -> None:
        assert report("delivered", key=uuid.uuid4()).status_code == 200
        assert calls.last_event().outcome == "waiting"
        assert state(open_attempt)[0] == "outbox"

    def test_another_text_with_the_same_key_is_ignored(self, attempt: Attempt) -> None:
        report("undelivered", "30007", sid="SM9", key=attempt.key)
        assert calls.last_event().outcome == "ignored"
        assert state(attempt) == ("sent", "", "accepted")

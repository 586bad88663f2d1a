import uuid

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import Accepted, CarrierError, OutgoingSms
from messaging.management import worker
from messaging.models import Attempt, CarrierEvent, OptOut, Recipient, SenderNumber, SmsMessage
from messaging.outgoing import claims, results
from smscenter.accounts.models import Organization
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk


def status(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.status


def test_a_due_text_is_sent(queue: Queue, desk: Desk, sender: SenderNumber, lead: Lead) -> None:
    message = queue()
    assert worker.run_round() == 1
    attempt = only_attempt(message)
    assert desk.sent == [OutgoingSms(attempt.key, sender.phone, factories.MOBILE, "Hello")]
    assert (attempt.state, attempt.carrier_id, attempt.lease) == ("accepted", "D1", None)
    assert attempt.raw == {"status": "queued"}
    assert status(message) == "sent"
    assert (message.receipt, message.sent is not None) == ("accepted", True)
    lead.refresh_from_db()
    assert lead.latest_sms_status == "sent"
    assert worker.run_round() == 0


def test_an_error_for_one_text_does_not_stop_the_others(queue: Queue, desk: Desk) -> None:
    desk.responses["+14155550150"] = CarrierError("Invalid", code="21211", permanent=True)
    desk.responses["+14155550151"] = ValueError("a bug")
    messages = [queue(to=f"+141555501{number}") for number in range(50, 55)]
    assert worker.run_round(threads=2) == 5
    assert [status(message) for message in messages] == ["error", "outbox", "sent", "sent", "sent"]


def test_a_text_of_a_removed_carrier_fails(queue: Queue, settings: Settings) -> None:
    message = queue()
    Attempt.objects.update(carrier="gone")
    worker.run_round()
    assert (status(message), message.reason) == ("error", "sender_config")


class TestRefusedByTheCarrier:
    def test_the_reason_and_the_evidence_are_saved(self, queue: Queue, desk: Desk) -> None:
        raw = {"status": 400}
        error = CarrierError("Filtered", code="30007", permanent=True, raw=raw)
        desk.responses[factories.MOBILE] = error
        message = queue()
        worker.run_round()
        assert (status(message), message.reason, message.receipt) == ("error", "spam", "")
        attempt = only_attempt(message)
        assert (attempt.state, attempt.code, attempt.carrier_words) == (
            "failed",
            "30007",
            "Filtered",
        )
        assert attempt.raw == raw

    def test_a_landline_is_remembered(self, queue: Queue, desk: Desk) -> None:
        desk.responses[factories.MOBILE] = CarrierError("", code="21614", permanent=True)
        message = queue()
        worker.run_round()
        recipient = Recipient.objects.get(phone=factories.MOBILE)
        assert recipient.cannot_receive
        assert recipient.evidence == only_attempt(message)

    def test_an_opt_out_is_recorded_for_this_sender(
        self, queue: Queue, desk: Desk, sender: SenderNumber
    ) -> None:
        desk.responses[factories.MOBILE] = CarrierError("", code="21610", permanent=True)
        message = queue()
        worker.run_round()
        assert (status(message), message.reason) == ("error", "opted_out")
        opt_out = OptOut.objects.get()
        assert (opt_out.source, opt_out.sender, opt_out.certain) == ("carrier", sender, True)
        assert opt_out.words == "21610"

    def test_a_permanent_error_without_a_code_has_an_unknown_reason(
        self, queue: Queue, desk: Desk
    ) -> None:
        raw = {"status": 401}
        desk.responses[factories.MOBILE] = CarrierError("Go away", permanent=True, raw=raw)
        message = queue()
        worker.run_round()
        assert (status(message), message.reason) == ("error", "unknown")
        attempt = only_attempt(message)
        assert (attempt.code, attempt.carrier_words, attempt.raw) == ("", "Go away", raw)

    def test_an_unknown_code_has_an_unknown_reason(self, queue: Queue, desk: Desk) -> None:
        desk.responses[factories.MOBILE] = CarrierError("?", code="99999", permanent=True)
        message = queue()
        worker.run_round()
        assert (status(message), message.reason) == ("error", "unknown")


@pytest.mark.once
class TestTransientFailures:
    @pytest.mark.parametrize(
        ("code", "delays", "reason"),
        [
            ("", [60, 600, 3600], "carrier_outage"),
            ("30001", [60, 600, 3600], "rate_limit"),
            ("30003", [600], "unreachable"),
            ("30008", [600], "unknown"),
        ],
    )
    def test_new_attempts_with_growing_delays_then_an_error(
        self, queue: Queue, desk: Desk, code: str, delays: list[int], reason: str
    ) -> None:
        desk.responses[factories.MOBILE] = CarrierError("Try later", code=code)
        message = queue()
        for number, delay in enumerate(delays, start=1):
            before = timezone.now()
            assert worker.run_round() == 1
            assert (status(message), message.reason) == ("outbox", "")
            following = Attempt.objects.get(message=message, number=number + 1)
            delayed = (following.due - before).total_seconds()
            assert delay <= delayed <= delay * 1.25 + 5
            assert worker.run_round() == 0
            Attempt.objects.filter(pk=following.pk).update(due=timezone.now())
        worker.run_round()
        assert (status(message), message.reason) == ("error", reason)
        assert message.attempts.count() == len(delays) + 1
        assert len({sms.key for sms in desk.sent}) == len(desk.sent) == len(delays) + 1

    def test_the_text_is_sent_after_a_temporary_failure(self, queue: Queue, desk: Desk) -> None:
        desk.responses[factories.MOBILE] = CarrierError("Try later")
        message = queue()
        worker.run_round()
        desk.responses.clear()
        Attempt.objects.filter(state="queued").update(due=timezone.now())
        worker.run_round()
        assert (status(message), message.reason) == ("sent", "")


class TestLeases:
    def test_a_worker_that_lost_its_lease_changes_nothing(self, queue: Queue) -> None:
        message = queue()
        attempt = claims.claim(10).attempts[0]
        assert not results.mark_accepted(attempt, Accepted("late"), lease=uuid.uuid4())
        attempt.refresh_from_db()
        assert (attempt.state, attempt.carrier_id) == ("sending", "")
        assert status(message) == "outbox"

    def test_two_workers_never_claim_the_same_attempt(self, queue: Queue) -> None:
        for _ in range(3):
            queue()
        first, second = claims.claim(2), claims.claim(2)
        assert len(first.attempts) == 2
        assert len(second.attempts) == 1
        assert not {a.pk for a in first.attempts} & {a.pk for a in second.attempts}

    def test_attempts_that_cannot_start_in_time_are_released(
        self, queue: Queue, desk: Desk, settings: Settings
    ) -> None:
        settings.SEND_LEASE_SECONDS = settings.CARRIER_TIMEOUT_SECONDS - 1
        attempt = only_attempt(queue())
        worker.run_round()
        attempt.refresh_from_db()
        assert (attempt.state, attempt.claims, attempt.lease) == ("queued", 0, None)
        assert desk.sent == []


class TestOptOutWhileWaiting:
    def test_the_text_is_never_sent(
        self, queue: Queue, desk: Desk, organization: Organization, sender: SenderNumber
    ) -> None:
        message = queue()
        OptOut.objects.record(
            organization, factories.MOBILE, source=OptOut.Source.KEYWORD, sender=sender
        )
        worker.run_round()
        assert (status(message), message.reason) == ("error", "opted_out")
        assert desk.sent == []
        assert not OptOut.objects.filter(source="carrier").exists()

    def test_another_sender_number_can_still_text(
        self, queue: Queue, organization: Organization
    ) -> None:
        other = factories.sender(organization, phone="+12125550111", carrier="desk")
        OptOut.objects.record(
            organization, factories.MOBILE, source=OptOut.Source.KEYWORD, sender=other
        )
        message = queue()
        worker.run_round()
        assert status(message) == "sent"


class TestPacing:
    def test_a_sender_keeps_to_its_rate(self, queue: Queue, organization: Organization) -> None:
        slow = factories.sender(organization, phone="+12125550111", carrier="desk", rate=2)
        for _ in range(5):
            queue(sender=slow)
        assert worker.run_round() == 2
        assert worker.run_round() == 0
        SenderNumber.objects.filter(pk=slow.pk).update(next_send_at=timezone.now())
        assert worker.run_round() == 2

    def test_other_senders_do_not_wait(self, queue: Queue, organization: Organization) -> None:
        slow = factories.sender(organization, phone="+12125550111", carrier="desk", rate=1)
        for _ in range(4):
            queue(sender=slow)
        quick = queue()
        assert worker.run_round(limit=2) == 2
        assert status(quick) == "sent"


def test_a_receipt_before_the_carriers_id_is_stored_counts(queue: Queue, desk: Desk) -> None:
    message = queue()
    event = CarrierEvent.objects.create(
        carrier="desk",
        kind="status",
        event_id="1",
        carrier_id="D1",
        payload=[["receipt", "delivered"]],
    )
    worker.run_round()
    event.refresh_from_db()
    assert (event.outcome, event.attempt) == ("applied", only_attempt(message))
    assert (status(message), message.receipt) == ("sent", "delivered")

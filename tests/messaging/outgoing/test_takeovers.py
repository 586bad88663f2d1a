"""When a worker or a carrier goes silent, the text is neither lost nor sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leads.models import Lead
from messaging import worker
from messaging.carriers import Accepted, CarrierError
from messaging.carriers.deadlines import TooLateError
from messaging.models import Attempt, CarrierEvent, OptOut, SmsMessage
from messaging.outgoing import claims, results
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk


def status(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.status


def vanish(times: int = 1) -> None:
    """Workers claim what is due, begin, and die."""
    for _ in range(times):
        claim = claims.claim(10)
        claims.begin(claim, claim.attempts)
        Attempt.objects.update(lease_until=timezone.now())


class TestAfterSilence:
    """The carrier may have the text or not: a time-out, or a worker that died."""

    @pytest.fixture
    def silent(self, queue: Queue, desk: Desk) -> Attempt:
        desk.answers[factories.MOBILE] = CarrierError("", ambiguous=True)
        attempt = only_attempt(queue())
        worker.run_round()
        desk.answers.clear()
        return attempt

    @staticmethod
    def let_time_pass() -> int:
        Attempt.objects.filter(state="sending").update(lease_until=timezone.now())
        return worker.run_round()

    def test_a_text_is_never_resent_blindly(self, silent: Attempt, desk: Desk) -> None:
        assert worker.run_round() == 0
        silent.refresh_from_db()
        assert silent.state == "sending"
        assert silent.lease_until is not None
        assert silent.lease_until > timezone.now() + timedelta(seconds=50)
        assert len(desk.sent) == 1
        assert silent.message.attempts.count() == 1

    def test_a_carrier_that_has_the_text_does_not_get_it_again(
        self, silent: Attempt, desk: Desk
    ) -> None:
        desk.found = [Accepted("D77")]
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.carrier_id) == ("accepted", "D77")
        assert status(silent.message) == "sent"
        assert len(desk.sent) == 1
        assert desk.asked == [silent.started]

    def test_a_carrier_without_the_text_gets_it_after_the_second_lookup(
        self, silent: Attempt, desk: Desk
    ) -> None:
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.misses, len(desk.sent)) == ("sending", 1, 1)
        assert silent.lease_until is not None
        assert silent.lease_until > timezone.now() + timedelta(seconds=50)
        self.let_time_pass()
        assert status(silent.message) == "sent"
        assert [sms.key for sms in desk.sent] == [silent.key, silent.key]

    def test_a_carrier_that_finds_it_late_does_not_get_it_again(
        self, silent: Attempt, desk: Desk
    ) -> None:
        self.let_time_pass()
        desk.found = [Accepted("D77")]
        self.let_time_pass()
        assert (status(silent.message), len(desk.sent)) == ("sent", 1)

    def test_it_is_sent_again_only_once(self, silent: Attempt, desk: Desk) -> None:
        desk.answers[factories.MOBILE] = CarrierError("", ambiguous=True)
        for _ in range(6):
            self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, len(desk.asked), len(desk.sent)) == ("uncertain", 3, 2)
        assert silent.message.attempts.count() == 1

    def test_a_carrier_with_idempotency_keys_gets_the_text_without_a_lookup(
        self, silent: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        self.let_time_pass()
        assert desk.asked == []
        assert [sms.key for sms in desk.sent] == [silent.key, silent.key]

    def test_a_lookup_that_can_never_work_leaves_it_to_a_person(
        self, silent: Attempt, desk: Desk
    ) -> None:
        desk.found = CarrierError("Too many texts", permanent=True)
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.carrier_words) == ("uncertain", "Too many texts")
        assert status(silent.message) == "outbox"
        assert len(desk.sent) == 1

    def test_failed_lookups_are_retried_then_a_person_decides(
        self, silent: Attempt, desk: Desk
    ) -> None:
        desk.found = CarrierError("Away", code="20503")
        for _ in range(3):
            silent.refresh_from_db()
            assert silent.state == "sending"
            self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, len(desk.asked), len(desk.sent)) == ("uncertain", 3, 1)

    def test_two_equal_texts_do_not_share_one_id(
        self, silent: Attempt, queue: Queue, desk: Desk
    ) -> None:
        other = only_attempt(queue())
        worker.run_round()
        other.refresh_from_db()
        desk.found = [Accepted(other.carrier_id)]
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.carrier_id) == ("sending", "")

    @pytest.mark.parametrize(
        ("found", "state", "word"),
        [([], "failed", "error"), ([Accepted("D77")], "accepted", "sent")],
    )
    def test_a_person_who_opts_out_meanwhile(
        self, silent: Attempt, desk: Desk, found: list[Accepted], state: str, word: str
    ) -> None:
        desk.found = found
        message = silent.message
        OptOut.objects.record(
            message.organization, message.remote_phone, source=OptOut.Source.KEYWORD
        )
        self.let_time_pass()
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, status(message), len(desk.sent)) == (state, word, 1)

    def test_a_callback_with_the_key_replaces_the_lookup(self, silent: Attempt, desk: Desk) -> None:
        CarrierEvent.objects.create(
            carrier="desk",
            kind="status",
            event_id="1",
            carrier_id="D77",
            attempt_key=silent.key,
            payload=[["receipt", "accepted"]],
        )
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.carrier_id) == ("accepted", "D77")
        assert (len(desk.sent), len(desk.asked)) == (1, 0)

    @pytest.mark.parametrize("code", ["", "30001"], ids=["no answer", "too much at once"])
    def test_a_refusal_of_the_repeated_request_makes_no_attempt_with_another_key(
        self, silent: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        desk.answers[factories.MOBILE] = CarrierError("Busy", code=code)
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.message.attempts.count()) == ("sending", 1)
        desk.answers.clear()
        self.let_time_pass()
        assert {sms.key for sms in desk.sent} == {silent.key}
        assert status(silent.message) == "sent"


class TestAWorkerThatVanished:
    """It took a text, and was never heard of again."""

    def test_before_it_began_nothing_can_have_arrived(self, queue: Queue, desk: Desk) -> None:
        message = queue()
        for _ in range(5):
            claims.claim(10)
            Attempt.objects.update(lease_until=timezone.now())
        worker.run_round()
        assert (status(message), len(desk.sent), desk.asked) == ("sent", 1, [])

    @pytest.mark.parametrize("takes_keys", [True, False])
    def test_the_third_time_a_person_decides(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch, takes_keys: bool
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
        message = queue()
        vanish(times=3)
        worker.run_round()
        assert only_attempt(message).state == "uncertain"
        assert (desk.sent, desk.asked, status(message)) == ([], [], "outbox")

    def test_twice_is_taken_over(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        message = queue()
        vanish(times=2)
        worker.run_round()
        assert (status(message), len(desk.sent)) == ("sent", 1)

    def test_postponed_lookups_do_not_count_as_takeovers(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        desk.answers[factories.MOBILE] = CarrierError("", ambiguous=True)
        message = queue()
        for _ in range(3):
            worker.run_round()
            Attempt.objects.update(lease_until=timezone.now())
        desk.answers.clear()
        worker.run_round()
        assert (status(message), only_attempt(message).questions) == ("sent", 3)

    def test_a_worker_that_resumes_begins_nothing(self, queue: Queue) -> None:
        queue()
        first = claims.claim(10)
        Attempt.objects.update(lease_until=timezone.now())
        assert claims.begin(first, first.attempts) == []
        second = claims.claim(10)
        assert claims.begin(first, first.attempts) == []
        assert claims.begin(second, second.attempts) == second.attempts

    def test_a_worker_that_resumes_too_late_releases_what_it_did_not_send(
        self, queue: Queue, desk: Desk
    ) -> None:
        desk.answers[factories.MOBILE] = TooLateError()
        message = queue()
        worker.run_round()
        attempt = only_attempt(message)
        assert (attempt.state, attempt.started, attempt.claims) == ("queued", None, 0)
        desk.answers.clear()
        worker.run_round()
        assert (status(message), desk.asked) == ("sent", [])

    def test_also_when_it_was_about_to_resend_it(self, queue: Queue, desk: Desk) -> None:
        message = queue()
        vanish()
        worker.run_round()
        Attempt.objects.update(lease_until=timezone.now())
        desk.answers[factories.MOBILE] = TooLateError()
        worker.run_round()
        attempt = only_attempt(message)
        assert (attempt.state, attempt.misses, attempt.takeovers) == ("queued", 1, 1)
        assert attempt.started is not None
        desk.answers.clear()
        worker.run_round()
        assert (status(message), len(desk.asked)) == ("sent", 3)

    def test_but_not_what_another_worker_has_claimed_since(self, queue: Queue) -> None:
        message = queue()
        first = claims.claim(10)
        claims.begin(first, first.attempts)
        Attempt.objects.update(lease_until=timezone.now())
        second = claims.claim(10)
        claims.begin(second, second.attempts)
        claims.undo_begin(first.attempts[0], first.lease, first=True, missed=False)
        attempt = only_attempt(message)
        assert (attempt.state, attempt.claims, attempt.lease) == ("sending", 2, second.lease)

    def test_a_delivery_of_an_earlier_attempt_cancels_no_retry_that_has_started(
        self, queue: Queue, lead: Lead
    ) -> None:
        message = queue()
        Attempt.objects.update(number=2, state="queued", started=timezone.now())
        SmsMessage.objects.update(status="error", reason="unreachable")
        earlier = Attempt.objects.create(
            organization=lead.organization,
            message=message,
            carrier="desk",
            state="failed",
            carrier_id="D1",
        )
        assert not results.cancel_retry(earlier)
        assert message.attempts.count() == 2

"""When a worker or a carrier goes silent, the text is neither lost nor sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from leads.models import Lead
from messaging.carriers import Accepted, CarrierError
from messaging.carriers.deadlines import TooLateError
from messaging.management import worker
from messaging.models import Attempt, CarrierEvent, OptOut, SmsMessage
from messaging.outgoing import claims, results
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk


def status(message: SmsMessage) -> str:
    message.refresh_from_db()
    return message.status


def vanish(times: int = 1) -> None:
    """Let workers claim what is due, start sending, and die."""
    for _ in range(times):
        claim = claims.claim(10)
        claims.begin(claim, claim.attempts)
        Attempt.objects.update(lease_until=timezone.now())


@pytest.mark.once
class TestAfterSilence:
    """The carrier may or may not have the text, because a request timed out or a worker died."""

    @pytest.fixture
    def silent(self, queue: Queue, desk: Desk) -> Attempt:
        desk.responses[factories.MOBILE] = CarrierError("", ambiguous=True)
        attempt = only_attempt(queue())
        worker.run_round()
        desk.responses.clear()
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

    def test_a_text_that_the_carrier_has_is_not_resent(self, silent: Attempt, desk: Desk) -> None:
        desk.found = [Accepted("D77")]
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.carrier_id) == ("accepted", "D77")
        assert status(silent.message) == "sent"
        assert len(desk.sent) == 1
        assert desk.lookups == [silent.started]

    def test_a_text_is_resent_after_two_lookups_without_a_match(
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

    def test_a_text_found_by_the_second_lookup_is_not_resent(
        self, silent: Attempt, desk: Desk
    ) -> None:
        self.let_time_pass()
        desk.found = [Accepted("D77")]
        self.let_time_pass()
        assert (status(silent.message), len(desk.sent)) == ("sent", 1)

    def test_a_text_is_resent_only_once(self, silent: Attempt, desk: Desk) -> None:
        desk.responses[factories.MOBILE] = CarrierError("", ambiguous=True)
        for _ in range(6):
            self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, len(desk.lookups), len(desk.sent)) == ("uncertain", 3, 2)
        assert silent.message.attempts.count() == 1

    def test_with_idempotency_keys_a_text_is_resent_without_a_lookup(
        self, silent: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        self.let_time_pass()
        assert desk.lookups == []
        assert [sms.key for sms in desk.sent] == [silent.key, silent.key]

    def test_after_a_permanent_lookup_error_a_person_decides(
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
        assert (silent.state, len(desk.lookups), len(desk.sent)) == ("uncertain", 3, 1)

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
    def test_a_text_is_not_resent_after_an_opt_out(
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
        assert (len(desk.sent), len(desk.lookups)) == (1, 0)

    @pytest.mark.parametrize("code", ["", "30001"], ids=["no code", "rate limit"])
    def test_a_refused_repeat_keeps_its_key(
        self, silent: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", True)
        desk.responses[factories.MOBILE] = CarrierError("Busy", code=code)
        self.let_time_pass()
        silent.refresh_from_db()
        assert (silent.state, silent.message.attempts.count()) == ("sending", 1)
        desk.responses.clear()
        self.let_time_pass()
        assert {sms.key for sms in desk.sent} == {silent.key}
        assert status(silent.message) == "sent"


class TestVanishedWorker:
    """A worker claimed a text and never finished it."""

    def test_an_attempt_that_never_started_is_sent(self, queue: Queue, desk: Desk) -> None:
        message = queue()
        for _ in range(5):
            claims.claim(10)
            Attempt.objects.update(lease_until=timezone.now())
        worker.run_round()
        assert (status(message), len(desk.sent), desk.lookups) == ("sent", 1, [])

    @pytest.mark.parametrize("takes_keys", [True, False])
    def test_after_three_vanished_workers_a_person_decides(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch, takes_keys: bool
    ) -> None:
        monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
        message = queue()
        vanish(times=3)
        worker.run_round()
        assert only_attempt(message).state == "uncertain"
        assert (desk.sent, desk.lookups, status(message)) == ([], [], "outbox")

    def test_an_attempt_is_taken_over_twice(
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
        desk.responses[factories.MOBILE] = CarrierError("", ambiguous=True)
        message = queue()
        for _ in range(3):
            worker.run_round()
            Attempt.objects.update(lease_until=timezone.now())
        desk.responses.clear()
        worker.run_round()
        assert (status(message), only_attempt(message).questions) == ("sent", 3)

    def test_a_resumed_worker_starts_nothing(self, queue: Queue) -> None:
        queue()
        first = claims.claim(10)
        Attempt.objects.update(lease_until=timezone.now())
        assert claims.begin(first, first.attempts) == []
        second = claims.claim(10)
        assert claims.begin(first, first.attempts) == []
        assert claims.begin(second, second.attempts) == second.attempts

    def test_a_late_resumed_worker_releases_unsent_attempts(self, queue: Queue, desk: Desk) -> None:
        desk.responses[factories.MOBILE] = TooLateError()
        message = queue()
        worker.run_round()
        attempt = only_attempt(message)
        assert (attempt.state, attempt.started, attempt.claims) == ("queued", None, 0)
        desk.responses.clear()
        worker.run_round()
        assert (status(message), desk.lookups) == ("sent", [])

    def test_a_late_resumed_worker_releases_a_text_to_resend(
        self, queue: Queue, desk: Desk
    ) -> None:
        message = queue()
        vanish()
        worker.run_round()
        Attempt.objects.update(lease_until=timezone.now())
        desk.responses[factories.MOBILE] = TooLateError()
        worker.run_round()
        attempt = only_attempt(message)
        assert (attempt.state, attempt.misses, attempt.takeovers) == ("queued", 1, 1)
        assert attempt.started is not None
        desk.responses.clear()
        worker.run_round()
        assert (status(message), len(desk.lookups)) == ("sent", 3)

    def test_a_resumed_worker_leaves_reclaimed_attempts_alone(self, queue: Queue) -> None:
        message = queue()
        first = claims.claim(10)
        claims.begin(first, first.attempts)
        Attempt.objects.update(lease_until=timezone.now())
        second = claims.claim(10)
        claims.begin(second, second.attempts)
        claims.undo_begin(first.attempts[0], first.lease, first=True, missed=False)
        attempt = only_attempt(message)
        assert (attempt.state, attempt.claims, attempt.lease) == ("sending", 2, second.lease)

    def test_a_late_delivery_does_not_cancel_a_started_retry(
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

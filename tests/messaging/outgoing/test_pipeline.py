"""A text waits for nobody else's: not for a slow response, another carrier, or a long queue."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.carriers import Accepted, CarrierError, OutgoingSms
from messaging.carriers.deadlines import Deadline
from messaging.management import worker
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import carrier_threads, claims, dispatch, pipeline
from messaging.outgoing.carrier_threads import CarrierThreads
from messaging.outgoing.pipeline import Pipeline
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk

HANGS = "+14155550150"


def run_until(sending: Pipeline, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        sending.turn()


def sent() -> int:
    return SmsMessage.objects.filter(status="sent").count()


@pytest.fixture
def sending() -> Iterator[Pipeline]:
    sending = worker.pipeline(threads=2, interval=0.01)
    yield sending
    sending.close()


@pytest.fixture
def answer(desk: Desk) -> Iterator[threading.Event]:
    """Texts to HANGS get no answer until this is set."""
    answer = threading.Event()
    desk.responses[HANGS] = lambda _sms: answer.wait(20)
    yield answer
    answer.set()


@pytest.mark.once
class TestSlowResponses:
    @pytest.fixture(autouse=True)
    def soon_slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(carrier_threads, "SLOW_BETWEEN", (0.05, 0.05))

    def test_other_texts_are_sent_meanwhile(
        self, queue: Queue, answer: threading.Event, sending: Pipeline
    ) -> None:
        for _ in range(3):
            queue(to=HANGS)
        for _ in range(5):
            queue()
        run_until(sending, lambda: sent() == 5)
        answer.set()
        run_until(sending, lambda: sent() == 8)

    @pytest.mark.usefixtures("answer")
    def test_another_carriers_texts_are_sent_meanwhile(
        self,
        queue: Queue,
        organization: Organization,
        sending: Pipeline,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(carrier_threads, "MOST_SLOW", 0)
        monkeypatch.setitem(carriers.REGISTRY, "other", "tests.messaging.desk.Desk")
        settings.CARRIERS = ["desk", "other"]
        other = factories.sender(organization, phone="+12125550111", carrier="other", rate=100)
        for _ in range(30):
            queue(to=HANGS)
        messages = [queue(sender=other) for _ in range(5)]
        run_until(sending, lambda: sent() == 5)
        assert {only_attempt(message).state for message in messages} == {"accepted"}

    @pytest.mark.usefixtures("answer")
    def test_texts_that_wait_for_a_thread_are_released(
        self, queue: Queue, sending: Pipeline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(carrier_threads, "MOST_SLOW", 0)
        for _ in range(30):
            queue(to=HANGS)
        sending.turn()
        begun = Attempt.objects.exclude(started=None).count()
        assert begun == 2
        assert Attempt.objects.filter(state="sending").count() > begun
        monkeypatch.setattr(pipeline, "LONGEST_WAIT", 0)
        sending.turn(claiming=False)
        assert Attempt.objects.filter(state="sending").count() == begun

    def test_a_carrier_that_answers_nothing_gets_only_a_few_more(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(carrier_threads, "ALIVE", 0)
        threads, answer, begun = CarrierThreads(2), threading.Event(), list[int]()

        def hang() -> None:
            begun.append(1)
            answer.wait(20)

        threads.submit([hang] * 9)
        for _ in range(5):
            time.sleep(0.06)
            threads.replace_slow()
        assert len(begun) == 4
        answer.set()

    def test_threads_that_are_not_needed_any_more_end(self) -> None:
        threads, answer, done = CarrierThreads(2, "test"), threading.Event(), threading.Event()
        threads.submit([lambda: answer.wait(20)] * 4)
        time.sleep(0.1)
        threads.replace_slow()
        threads.submit([done.set])
        time.sleep(0.1)
        threads.replace_slow()
        assert done.wait(5)
        answer.set()
        time.sleep(0.1)
        assert sum(thread.name == "test" for thread in threading.enumerate()) == 2
        threads.close()


def test_a_stopping_worker_finishes_what_has_begun(
    queue: Queue, desk: Desk, sending: Pipeline
) -> None:
    begun = threading.Event()
    desk.responses[HANGS] = lambda _sms: begun.set()
    message = queue(to=HANGS)
    run_until(sending, begun.is_set)
    queue()
    while sending.is_busy:
        sending.turn(claiming=False)
    message.refresh_from_db()
    assert (message.status, sent()) == ("sent", 1)


class TestFairness:
    @pytest.fixture
    def other(self) -> tuple[User, Lead, SenderNumber]:
        organization = factories.organization("other")
        user = factories.user(organization, "olga")
        number = factories.sender(organization, phone="+12125550111", carrier="desk", rate=100)
        return user, factories.lead(user), number

    def test_one_text_does_not_wait_for_a_hundred_of_another_organization(
        self, queue: Queue, other: tuple[User, Lead, SenderNumber]
    ) -> None:
        for _ in range(100):
            queue()
        user, lead, sender = other
        message = queue(user=user, lead=lead, contact=None, sender=sender)
        assert only_attempt(message) in claims.claim(10).attempts

    def test_numbers_served_longest_ago_come_first(
        self,
        queue: Queue,
        organization: Organization,
        other: tuple[User, Lead, SenderNumber],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(claims, "SENDERS", 2)
        user, lead, sender = other
        for number in range(4):
            phone = f"+1212555020{number}"
            own = factories.sender(organization, phone=phone, carrier="desk", rate=100)
            for _ in range(5):
                queue(sender=own)
        message = queue(user=user, lead=lead, contact=None, sender=sender)
        claimed = [attempt for _ in range(3) for attempt in claims.claim(2).attempts]
        assert only_attempt(message) in claimed
        assert len({attempt.sender_id for attempt in claimed}) == 5

    def test_a_retry_comes_from_the_same_number(
        self, queue: Queue, desk: Desk, sender: SenderNumber
    ) -> None:
        desk.responses[factories.MOBILE] = CarrierError("Try later")
        message = queue()
        worker.run_round()
        assert {attempt.sender for attempt in message.attempts.all()} == {sender}

    def test_a_text_without_a_number_is_claimed(self, queue: Queue) -> None:
        message = queue()
        Attempt.objects.update(sender=None)
        worker.run_round()
        message.refresh_from_db()
        assert message.status == "sent"


class TestGroups:
    """Results are stored together."""

    def test_one_with_a_lost_lease_changes_nothing(
        self, queue: Queue, desk: Desk, sending: Pipeline
    ) -> None:
        def lose(sms: OutgoingSms) -> None:
            lost.append(sms.key)

        lost: list[object] = []
        desk.responses[HANGS] = lose
        other, message = queue(to=HANGS), queue()
        sending.claim(10)
        # Another worker has taken it over.
        sending._hand_over()
        lease = "00000000-0000-0000-0000-000000000001"
        Attempt.objects.filter(message=other).update(lease=lease)
        sending.finish()
        other.refresh_from_db()
        message.refresh_from_db()
        assert (other.status, message.status, len(lost)) == ("outbox", "sent", 1)
        assert str(only_attempt(other).lease) == lease

    def test_a_strange_response_does_not_stop_the_others(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        texts = iter([Accepted("D1", {"status": object()}), Accepted("D2")])
        monkeypatch.setattr(desk, "send", lambda _sms: next(texts))
        queue()
        queue()
        worker.run_round()
        states = Attempt.objects.order_by("state").values_list("state", flat=True)
        assert list(states) == ["accepted", "sending"]

    def test_the_same_id_twice_does_not_stop_the_others(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = iter(["D1", "D1", "D2"])
        monkeypatch.setattr(desk, "send", lambda _sms: Accepted(next(ids)))
        for _ in range(3):
            queue()
        worker.run_round()
        states = Attempt.objects.order_by("state").values_list("state", flat=True)
        assert list(states) == ["accepted", "accepted", "sending"]
        assert sent() == 2

    def test_leads_are_counted_once_for_each_text(self, queue: Queue, lead: Lead) -> None:
        for _ in range(5):
            queue()
        worker.run_round()
        lead.refresh_from_db()
        assert (lead.sent_sms_count, lead.latest_sms_status) == (5, "sent")


def test_a_begun_attempt_is_not_sent_after_its_deadline(queue: Queue, desk: Desk) -> None:
    """A worker may be frozen between storing that it begins and the request."""
    attempt = only_attempt(queue())
    claim = claims.claim(1)
    (request,) = dispatch.begin(claim, claim.attempts)
    late = replace(request, begin_by=Deadline.after(-1))
    following = dispatch.store([late.run()])
    attempt.refresh_from_db()
    assert (attempt.state, attempt.started, desk.sent, following) == ("queued", None, [], [])

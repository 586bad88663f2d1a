"""While a carrier doesn't respond, its texts wait. Afterward, each is sent exactly once."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers, worker
from messaging.carriers import Accepted, CarrierError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt, CarrierHealth, SmsMessage
from messaging.outgoing import breaker, claims
from tests import factories
from tests.logs import Lines
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk

OUTAGE = CarrierError("Service unavailable", code="20503", status=503, ambiguous=True)
REFUSED_CONNECTION = CarrierError("")
TIMEOUT = CarrierError("", ambiguous=True)
REJECTED = CarrierError("Authenticate", code="20003", status=401, permanent=True)
REFUSAL = CarrierError("Not a mobile number", code="21614", status=400, permanent=True)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start like a process that has read nothing yet."""
    monkeypatch.setattr(breaker, "known", breaker.Known())


def number(n: int) -> str:
    return f"+1415555{9000 + n}"


@pytest.fixture
def queue_many(queue: Queue, desk: Desk) -> Callable[..., list[SmsMessage]]:
    """Queue texts to different numbers, all of which get the same response, if any."""

    def queue_many(count: int, response: Any = None, start: int = 0) -> list[SmsMessage]:
        numbers = [number(n) for n in range(start, start + count)]
        desk.responses |= dict.fromkeys(numbers, response)
        return [queue(to=each) for each in numbers]

    return queue_many


def health() -> CarrierHealth:
    return CarrierHealth.objects.get(carrier="desk")


def states() -> Counter[str]:
    return Counter(Attempt.objects.values_list("state", flat=True))


def statuses() -> Counter[str]:
    return Counter(SmsMessage.objects.values_list("status", flat=True))


def let_time_pass() -> None:
    """Let all leases expire and the next probe be due."""
    now = timezone.now()
    Attempt.objects.filter(state="sending").update(lease_until=now)
    CarrierHealth.objects.paused().update(probe_at=now)


def rounds(count: int) -> None:
    for _ in range(count):
        let_time_pass()
        worker.run_round()


@pytest.mark.parametrize("takes_keys", [True, False])
def test_after_an_hour_of_outage_each_text_is_sent_once(
    queue_many: Callable[..., list[SmsMessage]],
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    takes_keys: bool,
) -> None:
    """The carrier responds with 503 to every text, and to lookups that it has none."""
    monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
    messages = queue_many(10, OUTAGE)
    rounds(20)

    assert states()["uncertain"] == 0
    assert statuses() == {"outbox": 10}
    assert states()["queued"] + states()["sending"] == 10
    desk.responses.clear()
    desk.sent.clear()
    rounds(4)

    assert statuses() == {"sent": 10}
    assert Counter(sms.key for sms in desk.sent) == dict.fromkeys(
        Attempt.objects.values_list("key", flat=True), 1
    )
    assert Attempt.objects.count() == len(messages)
    assert not health().is_paused


@pytest.mark.parametrize("takes_keys", [True, False])
def test_a_carrier_that_accepted_a_text_before_the_outage_is_asked_first(
    queue_many: Callable[..., list[SmsMessage]],
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    takes_keys: bool,
) -> None:
    """Nothing is resent to a carrier without keys that has the text."""
    monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
    [message] = queue_many(1, TIMEOUT)
    worker.run_round()
    queue_many(5, OUTAGE, start=1)
    desk.found = OUTAGE
    rounds(5)
    assert health().is_paused
    desk.responses.clear()
    sent = len([sms for sms in desk.sent if sms.to == message.remote_phone])
    texts = {message.remote_phone: [Accepted("D77")]}
    monkeypatch.setattr(Desk, "find", lambda _desk, sms, _since: texts.get(sms.to, []))
    rounds(8)
    message.refresh_from_db()
    attempt = only_attempt(message)
    assert (message.status, attempt.state) == ("sent", "accepted")
    resent = len([sms for sms in desk.sent if sms.to == message.remote_phone]) - sent
    assert (resent, attempt.carrier_id == "D77") == ((1, False) if takes_keys else (0, True))


def test_lookups_that_work_do_not_delay_the_end_of_a_pause(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    """All texts were interrupted, and each is looked up twice before it's resent."""
    queue_many(5, OUTAGE)
    worker.run_round()
    assert health().is_paused
    desk.responses.clear()
    let_time_pass()
    assert [worker.run_round() for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    assert len(desk.lookups) == 5
    Attempt.objects.filter(state="sending").update(lease_until=timezone.now())
    worker.run_round()
    assert not health().is_paused


@pytest.mark.parametrize("takes_keys", [True, False])
@pytest.mark.parametrize("error", [OUTAGE, TIMEOUT, REFUSED_CONNECTION])
def test_the_only_text_of_an_hour_is_sent_once_after_it(
    queue: Queue,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    error: CarrierError,
    takes_keys: bool,
) -> None:
    """A few failures over minutes are an outage, too."""
    monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
    desk.responses[factories.MOBILE] = error
    if error is TIMEOUT:
        desk.found = TIMEOUT
    message = queue()
    for _ in range(12):
        CarrierHealth.objects.update(since=timezone.now() - breaker.SLOW)
        Attempt.objects.filter(state="queued").update(due=timezone.now())
        rounds(1)
    message.refresh_from_db()
    assert (message.status, health().pause) == ("outbox", "outage")
    desk.responses.clear()
    desk.sent.clear()
    desk.found = []
    rounds(4)
    message.refresh_from_db()
    assert (message.status, len(desk.sent)) == ("sent", 1)


def test_a_carrier_that_accepts_in_silence_and_finds_nothing_gets_a_text_twice_at_most(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    """Then a person decides."""
    queue_many(5, TIMEOUT)
    rounds(40)
    assert max(Counter(sms.to for sms in desk.sent).values()) == 2
    assert states() == {"uncertain": 5}


def test_failed_lookups_keep_earlier_misses(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    [message] = queue_many(1, TIMEOUT)
    rounds(2)
    assert only_attempt(message).misses == 1
    desk.found = OUTAGE
    CarrierHealth.objects.update(since=timezone.now() - breaker.SLOW)
    rounds(10)
    attempt = only_attempt(message)
    assert (attempt.state, attempt.misses, attempt.takeovers) == ("queued", 1, 0)
    desk.found = []
    desk.responses.clear()
    desk.sent.clear()
    rounds(2)
    message.refresh_from_db()
    assert (message.status, len(desk.sent)) == ("sent", 1)


def test_texts_of_a_paused_carrier_wait_and_one_probe_ends_the_pause(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk, lines: Lines
) -> None:
    queue_many(5, REFUSED_CONNECTION)
    worker.run_round()
    assert health().is_paused
    assert statuses() == {"outbox": 5}
    queue_many(20, start=5)
    desk.responses.clear()
    desk.sent.clear()

    assert worker.run_round() == 0
    let_time_pass()
    assert worker.run_round() == 1
    assert not health().is_paused
    assert worker.run_round() == 20
    assert len(desk.sent) == 21
    assert statuses()["sent"] == 21
    events = [line["event"] for line in lines.values if line["event"].startswith("carrier_")]
    assert [event for event in events if event != "carrier_error"] == [
        "carrier_paused",
        "carrier_resumed",
    ]


def test_probes_become_rarer_while_they_fail(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    queue_many(30, REFUSED_CONNECTION)
    worker.run_round()
    delays = []
    for _ in range(6):
        let_time_pass()
        assert worker.run_round() == 1
        probe_at = health().probe_at
        assert probe_at is not None
        delays.append(round((probe_at - timezone.now()).total_seconds()))
    assert delays == [30, 60, 120, 300, 300, 300]


def test_each_probe_is_another_text(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    """One text must not keep a carrier paused."""
    queue_many(10, REFUSED_CONNECTION)
    worker.run_round()
    desk.sent.clear()
    rounds(5)
    assert len({sms.key for sms in desk.sent}) == len(desk.sent) == 5


def test_only_one_worker_sends_a_probe(queue_many: Callable[..., list[SmsMessage]]) -> None:
    queue_many(5, REFUSED_CONNECTION)
    worker.run_round()
    queue_many(5, start=5)
    let_time_pass()
    breaker.refresh()
    other = breaker.Known(dict(breaker.known.health))
    assert len(claims.claim(10).attempts) == 1
    breaker.known.health = other.health
    assert not breaker.take_probe("desk", timezone.now())
    assert claims.claim(10).attempts == []


def test_another_carriers_texts_go_out_meanwhile(
    queue_many: Callable[..., list[SmsMessage]], queue: Queue, lead: Lead, settings: Settings
) -> None:
    queue_many(5, REFUSED_CONNECTION)
    worker.run_round()
    other = factories.sender(lead.organization, carrier="pigeon", phone="+12125550177")
    queue_many(3, start=5)
    settings.CARRIERS = ["desk", "pigeon"]
    carriers.get.cache_clear()
    message = queue(sender=other)
    [attempt] = claims.claim(10).attempts
    assert attempt.message == message


def test_what_a_worker_already_claimed_is_released(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    queue_many(60, REFUSED_CONNECTION)
    worker.run_round(limit=100, threads=2)
    assert len(desk.sent) < 10
    assert states()["sending"] == 0
    assert Attempt.objects.filter(number=1, state="queued", started=None).count() > 50


def test_successes_between_failures_prevent_a_pause(
    queue_many: Callable[..., list[SmsMessage]],
) -> None:
    for n in range(10):
        queue_many(1, TIMEOUT, start=2 * n)
        worker.run_round()
        queue_many(1, start=2 * n + 1)
        worker.run_round()
    assert (health().failures, health().pause) == (0, "")


@pytest.mark.parametrize(
    "error", [REFUSAL, CarrierError("", code="30001"), CarrierError("", code="20429", status=429)]
)
def test_refusals_are_about_the_text(
    queue_many: Callable[..., list[SmsMessage]], error: CarrierError
) -> None:
    queue_many(10, error)
    worker.run_round()
    assert not CarrierHealth.objects.exists()


def test_a_refusal_during_a_pause_shows_that_the_carrier_responds(
    queue_many: Callable[..., list[SmsMessage]],
) -> None:
    CarrierHealth.objects.create(
        carrier="desk", pause="outage", failures=5, since=timezone.now(), probe_at=timezone.now()
    )
    [refused] = queue_many(1, REFUSAL, start=5)
    worker.run_round()
    refused.refresh_from_db()
    assert (refused.status, health().pause) == ("error", "")


def test_a_text_in_flight_does_not_end_a_pause(
    queue_many: Callable[..., list[SmsMessage]], desk: Desk
) -> None:
    """It may have reached the carrier before the outage."""
    [message] = queue_many(1)
    attempt = only_attempt(message)
    CarrierHealth.objects.create(
        carrier="desk", pause="outage", failures=5, since=timezone.now(), probe_at=timezone.now()
    )
    breaker.refresh()
    breaker.record(attempt, None, is_lookup=False)
    assert health().is_paused


def test_a_success_writes_nothing(
    queue_many: Callable[..., list[SmsMessage]], django_assert_num_queries: Any
) -> None:
    [message] = queue_many(1)
    attempt = only_attempt(message)
    with django_assert_num_queries(0):
        breaker.record(attempt, None, is_lookup=False)


class TestOverHttp:
    """The sandbox carrier, over real HTTP."""

    @pytest.fixture
    def server(self, settings: Settings) -> Iterator[SandboxServer]:
        # Nothing listens there: this is about requests, not callbacks.
        control = Control(delay=60, retries=[])
        with SandboxServer(control=control, callback_base="http://127.0.0.1:9") as server:
            settings.SANDBOX_URL = server.url
            yield server

    @pytest.fixture
    def messages(self, queue: Queue, lead: Lead) -> list[SmsMessage]:
        sender = factories.sender(lead.organization, phone="+12125550177", rate=100)
        return [queue(to=number(n), sender=sender) for n in range(10)]

    @pytest.mark.parametrize(
        ("switch", "pause"), [("unavailable", "outage"), ("unauthorized", "credentials")]
    )
    @pytest.mark.parametrize("takes_keys", [True, False])
    def test_ten_texts_are_sent_once_after_an_hour(
        self,
        server: SandboxServer,
        messages: list[SmsMessage],
        monkeypatch: pytest.MonkeyPatch,
        switch: str,
        pause: str,
        takes_keys: bool,
    ) -> None:
        monkeypatch.setattr(Sandbox, "takes_idempotency_key", takes_keys)
        setattr(server.control, switch, 1.0)
        rounds(12)
        assert CarrierHealth.objects.get(carrier="sandbox").pause == pause
        assert (statuses(), server.messages) == ({"outbox": 10}, [])
        setattr(server.control, switch, 0.0)
        rounds(24)
        assert statuses() == {"sent": 10}
        assert Counter(text.to for text in server.messages) == {
            message.remote_phone: 1 for message in messages
        }


class TestCredentials:
    """The carrier rejects our credentials, for example after a token was rotated."""

    def test_texts_wait_until_they_are_right(
        self, queue_many: Callable[..., list[SmsMessage]], desk: Desk
    ) -> None:
        queue_many(5, REJECTED)
        worker.run_round(threads=1)
        assert health().pause == "credentials"
        assert statuses() == {"outbox": 5}
        assert states() == {"queued": 5}
        assert (len(desk.sent), Attempt.objects.exclude(started=None).count()) == (1, 0)
        desk.responses.clear()
        assert breaker.probe_now(CarrierHealth.objects.all()) == 1
        worker.run_round()
        worker.run_round()
        assert statuses() == {"sent": 5}

    def test_other_403s_are_about_the_text(
        self, queue_many: Callable[..., list[SmsMessage]]
    ) -> None:
        error = CarrierError("Not permitted", code="21408", status=403, permanent=True)
        [message] = queue_many(1, error)
        worker.run_round()
        message.refresh_from_db()
        assert message.status == "error"
        assert not CarrierHealth.objects.exists()

    def test_an_interrupted_text_is_asked_about_afterward(
        self, queue_many: Callable[..., list[SmsMessage]], desk: Desk
    ) -> None:
        """The rejected lookup says nothing about the text that timed out before."""
        [message] = queue_many(1, TIMEOUT)
        worker.run_round()
        desk.found = REJECTED
        rounds(5)
        assert (health().pause, states()) == ("credentials", {"queued": 1})
        desk.found = [Accepted("D77")]
        rounds(1)
        message.refresh_from_db()
        assert (message.status, only_attempt(message).carrier_id) == ("sent", "D77")

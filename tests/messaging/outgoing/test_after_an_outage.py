"""After an outage, each text is sent exactly once, and not at night."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import Accepted, CarrierError, breaker
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.management import worker
from messaging.models import Attempt, CarrierHealth, SmsMessage
from tests import factories
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk
from tests.messaging.outgoing.conftest import QueueMany
from tests.messaging.outgoing.outage import (
    OUTAGE,
    REFUSED_CONNECTION,
    TIMEOUT,
    health,
    let_time_pass,
    number,
    rounds,
    rounds_until,
    states,
    statuses,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize("takes_keys", [True, False])
def test_after_an_hour_of_outage_each_text_is_sent_once(
    queue_many: QueueMany,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    takes_keys: bool,
) -> None:
    """The carrier responds with 503 to every text, and to lookups that it has none."""
    monkeypatch.setattr(Desk, "takes_idempotency_key", takes_keys)
    messages = queue_many(5, OUTAGE)
    rounds(8)

    assert states()["uncertain"] == 0
    assert statuses() == {"outbox": 5}
    assert states()["queued"] + states()["sending"] == 5
    desk.responses.clear()
    desk.sent.clear()
    rounds_until(Counter(sent=5), statuses, most=4)

    assert Counter(sms.key for sms in desk.sent) == dict.fromkeys(
        Attempt.objects.values_list("key", flat=True), 1
    )
    assert Attempt.objects.count() == len(messages)
    assert not health().is_paused


@pytest.mark.parametrize("takes_keys", [True, False])
def test_a_carrier_that_accepted_a_text_before_the_outage_is_asked_first(
    queue_many: QueueMany,
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
    queue_many: QueueMany, desk: Desk
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
    for _ in range(6):  # more often than a text is retried
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
    queue_many: QueueMany, desk: Desk
) -> None:
    """Then a person decides."""
    queue_many(5, TIMEOUT)
    rounds_until(Counter(uncertain=5), states, most=40)
    assert max(Counter(sms.to for sms in desk.sent).values()) == 2


def test_failed_lookups_keep_earlier_misses(queue_many: QueueMany, desk: Desk) -> None:
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


class TestQuietHours:
    """An outage must not turn a text of the day into one at night."""

    # 8:50 PM and 11:30 PM in San Francisco, 8:00 AM the next day.
    EVENING = datetime(2026, 11, 27, 4, 50, tzinfo=UTC)
    NIGHT = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    MORNING = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)

    def wait_until_night(
        self, message: SmsMessage, monkeypatch: pytest.MonkeyPatch, written: datetime
    ) -> Attempt:
        Attempt.objects.update(created=written, due=written)
        CarrierHealth.objects.create(carrier="desk", resumed=self.NIGHT)
        monkeypatch.setattr(timezone, "now", lambda: self.NIGHT + timedelta(minutes=1))
        worker.run_round()
        return only_attempt(message)

    def test_a_text_that_waited_is_sent_in_the_morning(
        self, queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch, as_rep: Client
    ) -> None:
        message = queue()
        attempt = self.wait_until_night(message, monkeypatch, self.EVENING)
        assert (attempt.state, attempt.due, desk.sent) == ("queued", self.MORNING, [])
        page = as_rep.get(f"/leads/{message.lead_id}/").content.decode()
        assert "quiet hours where the recipient is. Sending" in page
        assert "every 1s" not in page

    def test_a_text_that_was_written_at_night_is_sent(
        self, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The composer warned about it."""
        written = self.NIGHT - timedelta(minutes=5)
        attempt = self.wait_until_night(queue(), monkeypatch, written)
        assert attempt.state == "accepted"


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
        return [queue(to=number(n), sender=sender) for n in range(5)]

    @pytest.mark.parametrize(
        ("switch", "pause", "takes_keys"),
        [
            ("unavailable", "outage", True),
            ("unavailable", "outage", False),
            # It refuses every request, so keys don't matter.
            ("unauthorized", "credentials", False),
        ],
    )
    def test_five_texts_are_sent_once_after_an_hour(
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
        rounds(8)
        assert CarrierHealth.objects.get(carrier="sandbox").pause == pause
        assert (statuses(), server.messages) == ({"outbox": 5}, [])
        setattr(server.control, switch, 0.0)
        rounds_until(Counter(sent=5), statuses, most=24)
        assert Counter(text.to for text in server.messages) == {
            message.remote_phone: 1 for message in messages
        }

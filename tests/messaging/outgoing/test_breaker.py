"""Texts of a carrier that doesn't respond, or rejects our credentials, wait for a probe."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from messaging import carriers
from messaging.carriers import Accepted, CarrierError, breaker
from messaging.management import worker
from messaging.models import Attempt, CarrierHealth
from messaging.outgoing import claims
from tests import factories
from tests.logs import Lines
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk
from tests.messaging.outgoing.conftest import QueueMany
from tests.messaging.outgoing.outage import (
    REFUSAL,
    REFUSED_CONNECTION,
    REJECTED,
    TIMEOUT,
    health,
    let_time_pass,
    rounds,
    states,
    statuses,
)


def test_texts_of_a_paused_carrier_wait_and_one_probe_ends_the_pause(
    queue_many: QueueMany, desk: Desk, lines: Lines
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
    worker.run_round()
    assert statuses()["sent"] == len(desk.sent) >= 21
    events = [line["event"] for line in lines.values if line["event"].startswith("carrier_")]
    assert [event for event in events if event != "carrier_error"] == [
        "carrier_paused",
        "carrier_resumed",
    ]


@pytest.mark.once
def test_probes_become_rarer_while_they_fail(queue_many: QueueMany, desk: Desk) -> None:
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


@pytest.mark.once
def test_each_probe_is_another_text(queue_many: QueueMany, desk: Desk) -> None:
    """One text must not keep a carrier paused."""
    queue_many(10, REFUSED_CONNECTION)
    worker.run_round()
    desk.sent.clear()
    rounds(5)
    assert len({sms.key for sms in desk.sent}) == len(desk.sent) == 5


def test_only_one_worker_sends_a_probe(queue_many: QueueMany) -> None:
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
    queue_many: QueueMany, queue: Queue, lead: Lead, settings: Settings
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


def test_what_a_worker_already_claimed_is_released(queue_many: QueueMany, desk: Desk) -> None:
    queue_many(60, REFUSED_CONNECTION)
    worker.run_round(limit=100, threads=2)
    assert len(desk.sent) < 10
    assert states()["sending"] == 0
    assert Attempt.objects.filter(number=1, state="queued", started=None).count() > 50


@pytest.mark.once
def test_successes_between_failures_prevent_a_pause(
    queue_many: QueueMany,
) -> None:
    for n in range(10):
        queue_many(1, TIMEOUT, start=2 * n)
        worker.run_round()
        queue_many(1, start=2 * n + 1)
        worker.run_round()
    assert (health().failures, health().pause) == (0, "")


@pytest.mark.once
@pytest.mark.parametrize(
    "error", [REFUSAL, CarrierError("", code="30001"), CarrierError("", code="20429", status=429)]
)
def test_refusals_are_about_the_text(queue_many: QueueMany, error: CarrierError) -> None:
    queue_many(10, error)
    worker.run_round()
    assert not CarrierHealth.objects.exists()


@pytest.mark.once
def test_a_refusal_during_a_pause_shows_that_the_carrier_responds(
    queue_many: QueueMany,
) -> None:
    CarrierHealth.objects.create(
        carrier="desk", pause="outage", failures=5, since=timezone.now(), probe_at=timezone.now()
    )
    [refused] = queue_many(1, REFUSAL, start=5)
    worker.run_round()
    refused.refresh_from_db()
    assert (refused.status, health().pause) == ("error", "")


@pytest.mark.once
def test_a_text_in_flight_does_not_end_a_pause(queue_many: QueueMany, desk: Desk) -> None:
    """It may have reached the carrier before the outage."""
    [message] = queue_many(1)
    attempt = only_attempt(message)
    CarrierHealth.objects.create(
        carrier="desk", pause="outage", failures=5, since=timezone.now(), probe_at=timezone.now()
    )
    breaker.refresh()
    breaker.record(attempt, None, is_lookup=False)
    assert health().is_paused


def test_a_success_writes_nothing(queue_many: QueueMany, django_assert_num_queries: Any) -> None:
    [message] = queue_many(1)
    attempt = only_attempt(message)
    with django_assert_num_queries(0):
        breaker.record(attempt, None, is_lookup=False)


@pytest.mark.once
class TestCredentials:
    """The carrier rejects our credentials, for example after a token was rotated."""

    def test_texts_wait_until_they_are_right(self, queue_many: QueueMany, desk: Desk) -> None:
        queue_many(9, REJECTED)
        worker.run_round(threads=1)
        assert health().pause == "credentials"
        assert statuses() == {"outbox": 9}
        assert states() == {"queued": 9}
        assert len(desk.sent) < 9
        assert not Attempt.objects.exclude(started=None).exists()
        desk.responses.clear()
        assert breaker.probe_now(CarrierHealth.objects.all()) == 1
        worker.run_round()
        worker.run_round()
        assert statuses() == {"sent": 9}

    def test_other_403s_are_about_the_text(self, queue_many: QueueMany) -> None:
        error = CarrierError("Not permitted", code="21408", status=403, permanent=True)
        [message] = queue_many(1, error)
        worker.run_round()
        message.refresh_from_db()
        assert message.status == "error"
        assert not CarrierHealth.objects.exists()

    def test_an_interrupted_text_is_asked_about_afterward(
        self, queue_many: QueueMany, desk: Desk
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

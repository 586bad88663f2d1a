from collections.abc import Callable
from typing import Any

import pytest

from messaging.carriers import breaker
from messaging.models import SmsMessage
from tests.messaging.conftest import Queue
from tests.messaging.desk import Desk
from tests.messaging.outgoing.outage import number

QueueMany = Callable[..., list[SmsMessage]]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start like a process that has read nothing yet."""
    monkeypatch.setattr(breaker, "known", breaker.Known())


@pytest.fixture
def queue_many(queue: Queue, desk: Desk) -> QueueMany:
    """Queue texts to different numbers, all of which get the same response, if any."""

    def queue_many(count: int, response: Any = None, start: int = 0) -> list[SmsMessage]:
        numbers = [number(n) for n in range(start, start + count)]
        desk.responses |= dict.fromkeys(numbers, response)
        return [queue(to=each) for each in numbers]

    return queue_many

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.carriers import CarrierError
from messaging.management import worker
from tests import factories
from tests.logs import Lines
from tests.messaging.conftest import Queue, only_attempt
from tests.messaging.desk import Desk
from tests.messaging.outgoing.test_takeovers import vanish


@pytest.mark.once
class TestLog:
    """Each carrier error logs one line, without phone numbers or messages."""

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (
                CarrierError("Busy +14155550123", code="20429", status=429),
                {"status": 429, "code": "20429", "ambiguous": False},
            ),
            (
                CarrierError("", code="20003", permanent=True, status=401),
                {"status": 401, "code": "20003", "ambiguous": False, "again": None},
            ),
            (
                CarrierError("", code="20503", ambiguous=True, status=503),
                {"status": 503, "code": "20503", "ambiguous": True},
            ),
            (CarrierError("", ambiguous=True), {"status": None, "ambiguous": True}),
        ],
        ids=["too much", "refused", "its fault", "silence"],
    )
    def test_a_failed_attempt_is_logged(
        self,
        queue: Queue,
        desk: Desk,
        lines: Lines,
        error: CarrierError,
        expected: dict[str, object],
    ) -> None:
        desk.responses[factories.MOBILE] = error
        attempt = only_attempt(queue())
        worker.run_round()
        (line,) = (line for line in lines.values if line["event"] == "carrier_error")
        expected = {"attempt": attempt.pk, "carrier": "desk", "request": "send", **expected}
        assert line.items() >= expected.items()
        assert line["level"] == "warning"
        assert "+1" not in str({**line, "again": None})
        if "again" not in expected:
            again = datetime.fromisoformat(line["again"])
            assert timedelta(seconds=55) < again - timezone.now() < timedelta(seconds=80)

    def test_a_failed_lookup_is_logged(self, queue: Queue, desk: Desk, lines: Lines) -> None:
        queue()
        vanish()
        desk.found = CarrierError("Away", code="20503", status=503)
        worker.run_round()
        line = lines.named("carrier_error")
        assert (line["request"], line["status"]) == ("find", 503)

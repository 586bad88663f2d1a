"""A carrier that fails, and time that passes, for tests of outages."""

from collections import Counter
from collections.abc import Callable

from django.utils import timezone

from messaging.carriers import CarrierError
from messaging.management import worker
from messaging.models import Attempt, CarrierHealth, SmsMessage

OUTAGE = CarrierError("Service unavailable", code="20503", status=503, ambiguous=True)
REFUSED_CONNECTION = CarrierError("")
TIMEOUT = CarrierError("", ambiguous=True)
REJECTED = CarrierError("Authenticate", code="20003", status=401, permanent=True)
REFUSAL = CarrierError("Not a mobile number", code="21614", status=400, permanent=True)


def number(n: int) -> str:
    return f"+1415555{9000 + n}"


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


def rounds_until(wanted: Counter[str], of: Callable[[], Counter[str]], most: int) -> None:
    """Let rounds pass until the texts are as wanted, and one more, which mustn't change that."""
    for _ in range(most):
        rounds(1)
        if of() == wanted:
            break
    rounds(1)
    assert of() == wanted

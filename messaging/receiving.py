"""What carriers report: stored as it came, then applied as often as it takes to succeed once."""

from collections.abc import Iterable

from messaging.carriers import Callback
from messaging.models import CarrierEvent


def store(
    carrier_key: str, kind: CarrierEvent.Kind, callbacks: Iterable[Callback]
) -> list[CarrierEvent]:
    """Keep these callbacks; one that came before is not kept twice."""
    raise NotImplementedError


def apply_or_wait(event: CarrierEvent) -> None:
    raise NotImplementedError

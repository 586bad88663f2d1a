"""What texts cost, and what failed texts cost that nobody had to send.

Prices are data (`CarrierPrice`), because they differ between contracts.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

from messaging import carriers
from messaging.carriers import shipped_prices
from messaging.deliverability.tallies import Tally
from messaging.models import CarrierPrice
from messaging.models.reason import Reason

Outcome = CarrierPrice.Outcome
# Preflight checks know these, or the sender number's page says so.
AVOIDABLE = (Reason.NOT_SMS_CAPABLE, Reason.OPTED_OUT, Reason.UNREGISTERED_SENDER)
NOTHING = Decimal(0)


class Prices:
    """The prices of all carriers, read once. Those that have none cost an unknown amount."""

    def __init__(self, rows: Iterable[CarrierPrice] | None = None) -> None:
        found = CarrierPrice.objects.all() if rows is None else rows
        self._rows = {(row.carrier, row.outcome, row.reason): row for row in found}
        self._maps: dict[str, str] = {}

    def known(self, carrier: str) -> bool:
        return (self._map(carrier), Outcome.SENT, "") in self._rows

    def failed(self, carrier: str, reason: str, tally: Tally) -> Decimal:
        """Return what a carrier charged for failed texts with a reason, or 0 if unknown."""
        key = self._map(carrier)
        row = self._rows.get((key, Outcome.FAILED, reason))
        row = row or self._rows.get((key, Outcome.FAILED, ""))
        return _cost(row, tally.failed_segments, tally.failed)

    def sent(self, carrier: str, tally: Tally) -> Decimal:
        row = self._rows.get((self._map(carrier), Outcome.SENT, ""))
        return _cost(row, tally.sent_segments, tally.sent)

    def _map(self, carrier: str) -> str:
        """Return whose prices a carrier has: those of the carrier whose codes it uses."""
        if carrier not in self._maps:
            self._maps[carrier] = carriers.code_map(carrier)
        return self._maps[carrier]

    def segments(self, carrier: str, number: int) -> Decimal:
        """Return the price of so many segments of sent texts."""
        row = self._rows.get((self._map(carrier), Outcome.SENT, ""))
        return _cost(row, number, 0)


def _cost(price: CarrierPrice | None, segments: int, texts: int) -> Decimal:
    return price.per_segment * segments + price.per_text * texts if price else NOTHING


def load_shipped(using: str = "default", apps: Apps = installed, **_signal: Any) -> None:
    """Update the shipped prices after a migration, except those that staff have changed."""
    try:
        table = apps.get_model("messaging", "CarrierPrice")
    except LookupError:
        return
    rows = table._default_manager.using(using)
    changed = set(rows.exclude(changed=None).values_list("carrier", "outcome", "reason"))
    shipped = [table(**row) for row in shipped_prices.rows()]
    rows.bulk_create(
        [row for row in shipped if (row.carrier, row.outcome, row.reason) not in changed],
        update_conflicts=True,
        unique_fields=["carrier", "outcome", "reason"],
        update_fields=["per_segment", "per_text", "as_of", "source"],
    )

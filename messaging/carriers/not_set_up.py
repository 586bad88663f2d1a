"""Sender numbers at a carrier, or at an account, that this installation isn't set up for.

Texts from them are refused, or fail with a reason that says so. No one has to open the
database to change a setting, so administrators are told wherever they look.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from messaging import carriers
from messaging.models import SenderNumber


@dataclass(frozen=True)
class NotSetUp:
    """A carrier's account, empty for the default one, and its active sender numbers."""

    carrier: str
    account: str
    numbers: int

    def __str__(self) -> str:
        counted = f"{self.numbers} sender number{'' if self.numbers == 1 else 's'}"
        label = carriers.label(self.carrier)
        place = f"{label} account {self.account}" if self.account else f"carrier {label}"
        return f"{counted} can't send texts: the {place} isn't set up."


def not_set_up() -> Iterator[NotSetUp]:
    """Yield the accounts that active sender numbers need, in one query."""
    counts = SenderNumber.objects.filter(active=True).order_by("carrier", "account")
    for row in counts.values("carrier", "account").annotate(numbers=Count("pk")):
        if not carriers.is_configured(row["carrier"], row["account"]):
            yield NotSetUp(**row)

"""Check the stored numbers of custom fields against the fields, and repair them.

Database triggers keep the numbers (see `numbers_*.sql` of the migrations). This finds what they
missed, such as leads that were loaded while triggers were off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, FloatField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from leads.models import CustomField, Lead, LeadNumber
from search.words.columns import JsonNumber
from smscenter.accounts.models import Organization

NUMERIC = frozenset({CustomField.Kind.NUMBER, CustomField.Kind.USER})
BATCH = 1_000
# Stands for no number where numbers are compared. None is as small.
NONE = Value(-1e301, FloatField())


@dataclass(frozen=True)
class Drift:
    """One lead whose stored number is wrong."""

    lead: int
    key: str

    def __str__(self) -> str:
        return f"lead {self.lead}: the stored number of {self.key} is wrong"


def check(organization: Organization, *, repair: bool = False) -> Iterator[Drift]:
    """Compare the numbers of an organization with its leads, and optionally repair them."""
    for field in CustomField._base_manager.filter(organization=organization, kind__in=NUMERIC):
        stored = LeadNumber.objects.filter(
            organization=OuterRef("organization"), lead=OuterRef("pk"), key=field.key
        )
        same = Exact(
            Coalesce(JsonNumber("custom", field.key), NONE),
            Coalesce(Subquery(stored.values("value")), NONE),
        )
        rows = Lead.objects.filter(organization=organization)
        wrong = list(rows.exclude(Q(same)).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(wrong) if repair else 0, BATCH):
            # The triggers notice that it's written again.
            rows.filter(pk__in=wrong[start : start + BATCH]).update(custom=F("custom"))
        yield from (Drift(pk, field.key) for pk in wrong)

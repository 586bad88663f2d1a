"""The code map: carriers' codes read as reasons. Shipped rows load from a file with its sources."""

import csv
from pathlib import Path
from typing import Any

from django.db.models import Q

from messaging.models import CarrierCode

SHIPPED = Path(__file__).parent / "data" / "carrier_codes.csv"


def load_shipped(**signal: Any) -> int:
    """Bring the shipped rows up to date, and leave alone those that staff have changed.

    Runs after every migration. Answers the number of rows in the file.
    """
    using = signal.get("using", "default")
    changed_by_staff = set(
        CarrierCode.objects.using(using).filter(~Q(changed_by=None)).values_list("carrier", "code")
    )
    with SHIPPED.open(newline="") as file:
        rows = [CarrierCode(known=True, **row) for row in csv.DictReader(file)]
    CarrierCode.objects.using(using).bulk_create(
        [row for row in rows if (row.carrier, row.code) not in changed_by_staff],
        update_conflicts=True,
        unique_fields=["carrier", "code"],
        update_fields=["title", "reason", "retry", "source", "known"],
    )
    return len(rows)


def read(carrier: str, code: str) -> CarrierCode:
    """How this code is read; a code never seen before joins the queue of unknown ones."""
    row, _ = CarrierCode.objects.get_or_create(
        carrier=carrier, code=code, defaults={"known": False}
    )
    return row

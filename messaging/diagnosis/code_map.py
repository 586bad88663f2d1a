"""The code map: carriers' codes read as reasons. Shipped rows load from the carriers' folders."""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db.models import Q

from messaging.carriers import shipped_codes
from messaging.models import CarrierCode

# Codes come from outside. So many that nobody has read are a fault or an attack, and no queue.
MOST_UNREAD = 500
LONGEST_CODE = 60


def load_shipped(using: str = "default", apps: Apps = installed, **_signal: Any) -> int:
    """Bring the shipped rows up to date, and leave alone those that staff have changed.

    Runs after every migration, also one to a time before there was a code map. Return the number
    of rows that ship.
    """
    try:
        table = apps.get_model("messaging", "CarrierCode")._default_manager.using(using)
    except LookupError:
        return 0
    # The version tells even when the account of whoever changed it is gone.
    by_staff = table.filter(~Q(changed_by=None) | Q(version__gt=1))
    kept = set(by_staff.values_list("carrier", "code"))
    rows = [table.model(known=True, **row) for row in shipped_codes.classified()]
    table.bulk_create(
        [row for row in rows if (row.carrier, row.code) not in kept],
        update_conflicts=True,
        unique_fields=["carrier", "code"],
        update_fields=["title", "reason", "retry", "source", "known"],
    )
    return len(rows)


def read(carrier: str, code: str) -> CarrierCode:
    """Return how this code is read; a code never seen before joins the queue of unknown ones.

    What cannot be a code, or comes when that queue is full, is read as unknown and not kept.
    """
    printable = "".join(filter(str.isprintable, code)).strip()[:LONGEST_CODE]
    row = CarrierCode.objects.filter(carrier=carrier, code=printable).first()
    if row is not None:
        return row
    unread = CarrierCode.objects.filter(carrier=carrier, known=False)
    if not printable or unread.count() >= MOST_UNREAD:
        return CarrierCode(carrier=carrier, code=printable, known=False)
    row, _ = CarrierCode.objects.get_or_create(
        carrier=carrier, code=printable, defaults={"known": False}
    )
    return row

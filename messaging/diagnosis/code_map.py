"""The code map: the reason behind each carrier's code. Shipped rows load from carriers' folders."""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from messaging import carriers
from messaging.carriers import shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.models import CarrierCode, Reclassification
from smscenter.database.prepared import Prepared

# Codes come from outside: more unclassified ones than this mean a bug or an attack.
MOST_UNREAD = 500
LONGEST_CODE = 60


def load_shipped(using: str = "default", apps: Apps = installed, **_signal: Any) -> int:
    """Update the shipped rows, except those that staff have changed. Return the file's row count.

    This runs after every migration, including one to an older state of the code map, or none.
    """
    try:
        table = apps.get_model("messaging", "CarrierCode")
        changes = apps.get_model("messaging", "Reclassification")
    except LookupError:
        return 0
    rows = [table(known=True, **row) for row in shipped_codes.classified()]
    with transaction.atomic(using=using):
        before = {(row.carrier, row.code): row for row in table._default_manager.using(using)}
        # The version shows a change even if the account that made it was deleted.
        by_staff = {key for key, row in before.items() if row.changed_by_id or row.version > 1}
        loaded = [row for row in rows if (row.carrier, row.code) not in by_staff]
        changes._default_manager.using(using).bulk_create(_changed(changes, before, loaded))
        table._default_manager.using(using).bulk_create(
            loaded,
            update_conflicts=True,
            unique_fields=["carrier", "code"],
            update_fields=["title", "reason", "retry", "fix", "source", "known"],
        )
    return len(rows)


def _changed(
    model: type[Reclassification],
    before: dict[tuple[str, str], CarrierCode],
    rows: list[CarrierCode],
) -> list[Reclassification]:
    """Return a `Reclassification` for each changed reason, so that earlier texts follow."""
    pairs = [(before.get((row.carrier, row.code)), row) for row in rows]
    return [
        model(
            code=old,
            old_reason=old.reason,
            old_retry=old.retry,
            was_known=old.known,
            new_reason=row.reason,
        )
        for old, row in pairs
        if old and old.reason != row.reason
    ]


@Prepared
def _fixes() -> QuerySet[Any, Any]:
    return CarrierCode.objects.exclude(fix="").values_list("carrier", "code", "fix")


def fixes() -> dict[tuple[str, str], str]:
    """Return what someone has to do before a text can be resent, by carrier and code."""
    return {(carrier, code): fix for carrier, code, fix in _fixes()}


def explained(query: str) -> list[CarrierCode]:
    """Return the codes of the carriers in use, or those that a query names.

    Codes that never mean that a text failed are left out.
    """
    maps = {carriers.code_map(key) for key in settings.CARRIERS}
    rows = CarrierCode.objects.filter(known=True, carrier__in=maps).order_by("carrier", "code")
    words = query.casefold().split()
    return [
        row
        for row in rows
        if shipped_codes.rule(row.carrier, row.code) != Rule.NOT_A_FAILURE
        and all(word in row.searched for word in words)
    ]


def read(carrier: str, code: str) -> CarrierCode:
    """Return the code's row. A new code is stored as unknown, for staff to classify.

    It isn't stored if it can't be a code, or if too many wait to be classified.
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

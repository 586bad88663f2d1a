"""Remove a lead status or a custom field so that it can be restored for 30 days.

A removed status takes its leads along: a bulk change gives them another one, and restoring the
status undoes that. The values of a removed field stay in its leads until it's deleted.
"""

import time

import structlog
from django.db import transaction
from django.utils import timezone

from leads.changing import bulk_changes
from leads.models import BulkChange, CustomField, Lead, LeadStatus
from leads.models.vocabulary import KEPT, Vocabulary
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

State = BulkChange.State
# Leads in one transaction, and seconds of one run.
CHUNK, SECONDS = 250, 2.0


def leads_with(row: LeadStatus | CustomField) -> int:
    """Return how many leads have the status, or a value in the field."""
    leads = Lead.objects.visible_in(row.organization_id)
    if isinstance(row, LeadStatus):
        return leads.filter(status=row).count()
    return leads.filter(custom__has_key=row.key).count()


def is_used(field: CustomField) -> bool:
    leads = Lead.objects.filter(organization=field.organization_id)
    return leads.filter(custom__has_key=field.key).exists()


def remove_status(status: LeadStatus, replacement: LeadStatus, by: User) -> bool:
    """Hide a status, and give its leads another one. The worker does what takes long.

    Return False if either was removed meanwhile. One always remains.
    """
    with transaction.atomic():
        in_use = LeadStatus.objects.visible_in(status.organization_id).order_by("pk")
        locked = set(in_use.select_for_update().values_list("pk", flat=True))
        if not {status.pk, replacement.pk} <= locked:
            return False
        leads = Lead.objects.visible_in(status.organization_id).filter(status=status)
        ids = list(leads.order_by("pk").values_list("pk", flat=True))
        change = BulkChange.objects.create(
            organization_id=status.organization_id,
            kind=BulkChange.Kind.STATUS,
            value=replacement.pk,
            label=str(replacement),
            created_by=by,
            selection=ids,
            total=len(ids),
        )
        status.removed, status.replacement = timezone.now(), change
        status.save(update_fields=["removed", "replacement"])
    log.info("status_removed", status=status.pk, leads=len(ids), user=by.pk)
    bulk_changes.work(change)
    return True


def restore_status(status: LeadStatus, by: User) -> None:
    """Show a status again, and return the leads that nobody changed since."""
    with transaction.atomic():
        restore(status)
        if (change := status.replacement) is None:
            return
        changes = BulkChange.objects.filter(pk=change.pk, state__in=[State.DONE, State.RUNNING])
        changes.update(state=State.UNDOING, created_by=by)
    bulk_changes.work(change)


def remove_field(field: CustomField) -> None:
    field.removed = timezone.now()
    field.save(update_fields=["removed"])


def restore(row: Vocabulary) -> None:
    row.put_last()
    row.removed = None
    row.save(update_fields=["removed", "position"])


def delete_removed() -> None:
    """Delete for good what nobody can restore anymore. What's left is for the next run."""
    before, until = timezone.now() - KEPT, time.monotonic() + SECONDS
    for status in LeadStatus.objects.filter(removed__lte=before).select_related("replacement"):
        while time.monotonic() < until and _take_away(status):
            pass
        if not Lead.objects.filter(status=status).exists():
            status.delete()
    for field in CustomField.objects.filter(removed__lte=before):
        _delete_field(field, until)


def _take_away(status: LeadStatus) -> bool:
    """Give another status to leads that the bulk change didn't see, such as deleted ones."""
    others = LeadStatus.objects.visible_in(status.organization_id)
    value = status.replacement.value if status.replacement else None
    other = others.filter(pk=value).first() or others.first()
    ids = Lead.objects.filter(status=status).values_list("pk", flat=True)[:CHUNK]
    if other is None or not ids:
        return False
    return Lead.objects.filter(pk__in=list(ids)).update(status=other) > 0


def _delete_field(field: CustomField, until: float) -> None:
    leads = Lead.objects.filter(organization=field.organization_id, custom__has_key=field.key)
    while time.monotonic() < until:
        with transaction.atomic():
            rows = list(leads.select_for_update(no_key=True).order_by("pk")[:CHUNK])
            for lead in rows:
                del lead.custom[field.key]
            Lead.objects.bulk_update(rows, ["custom"])
        if not rows:
            log.info("field_deleted", field=field.pk, organization_id=field.organization_id)
            field.delete()
            return

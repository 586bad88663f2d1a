"""Delete old records, the only way to delete any."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from smscenter import retention
from smscenter.accounts.models import Organization
from smscenter.accounts.organizations.deletion import organization_deleted
from smscenter.accounts.organizations.rows import BATCH
from smscenter.audit.models import AuditDeletion, AuditRecord
from smscenter.audit.recording import record


def delete_old_records() -> None:
    """Delete records older than KEEP_AUDIT_DAYS, in batches."""
    if before := retention.older_than(settings.KEEP_AUDIT_DAYS):
        with transaction.atomic():
            # The triggers let go what's older than this. Nobody else sees the row: it's gone before
            # the transaction ends.
            marker = AuditDeletion.objects.create(before=before)
            retention.delete(AuditRecord.objects.filter(created__lt=before).order_by("created"))
            marker.delete()


def delete_records_of(organization: Organization) -> int:
    """Delete the next records of an organization that's being deleted."""
    rows = AuditRecord.objects.filter(organization=organization.pk)
    with transaction.atomic():
        marker = AuditDeletion.objects.create(before=timezone.now() + timedelta(days=1))
        ids = retention.next_ids(rows, BATCH)
        rows.filter(pk__in=ids).delete()
        marker.delete()
    return len(ids)


@receiver(organization_deleted)
def record_deletion(organization: Organization, **_: Any) -> None:
    """Record for administrators that an organization was deleted."""
    record(
        "organization_deleted",
        name=f"{organization.name} (ID {organization.pk})",
        note=f"requested by {organization.deletion_requested_by}",
    )

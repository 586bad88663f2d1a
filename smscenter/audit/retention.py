"""Delete old records, the only way to delete any."""

from django.conf import settings
from django.db import transaction

from smscenter import retention
from smscenter.audit.models import AuditDeletion, AuditRecord


def delete_old_records() -> None:
    """Delete records older than KEEP_AUDIT_DAYS, in batches."""
    if before := retention.older_than(settings.KEEP_AUDIT_DAYS):
        with transaction.atomic():
            # The triggers let go what's older than this. Nobody else sees the row: it's gone before
            # the transaction ends.
            marker = AuditDeletion.objects.create(before=before)
            retention.delete(AuditRecord.objects.filter(created__lt=before).order_by("created"))
            marker.delete()

"""Delete the files and rows of imports after 30 days, when they can't be undone anymore."""

from django.utils import timezone

from leads.imports import rows
from leads.models import ImportKey, ImportProblem, ImportRow, LeadImport
from leads.models.imports import KEPT
from smscenter import retention

MOST = 20


def delete_old() -> None:
    """Delete what's left of old imports. Those that were started stay in the list."""
    old = LeadImport.objects.filter(created__lte=timezone.now() - KEPT).exclude(file="")
    for job in old.exclude(state__in=LeadImport.IN_WORK).order_by("created")[:MOST]:
        for model in (ImportRow, ImportProblem, ImportKey):
            left = model._base_manager.filter(lead_import=job).order_by("pk")
            retention.delete(left)
            if left.exists():
                return
        rows.delete(job)
        if job.is_not_started:
            job.delete()
        else:
            LeadImport.objects.filter(pk=job.pk).update(file="", sample=[])

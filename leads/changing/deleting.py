"""Delete a lead so that it can be restored for 30 days.

Its rows stay, but nobody sees them: see `hidden_rows` in leads/models/deleted.py. Consent and
opt-outs belong to phone numbers, so they keep their effect.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import CASCADE
from django.utils import timezone

from leads.models import DeletedLead, Lead, LeadChange
from leads.models.deleted import KEPT
from smscenter import retention, undo
from smscenter.accounts.models import User
from smscenter.registry import Registry

log = structlog.get_logger(__name__)

TOO_LATE = "It's too late to restore this lead."

# What other apps do when a lead was deleted, such as canceling its texts. A worker may be using
# these rows, so it happens after the lead's own transaction.
when_deleted: Registry[Callable[[Lead], None]] = Registry()
# Leads in one run. Each can have thousands of texts.
MOST_LEADS = 20


def delete(lead: Lead, by: User) -> DeletedLead:
    """Delete a lead. A second click changes nothing."""
    with transaction.atomic():
        lock(lead)
        deleted, is_new = DeletedLead.objects.get_or_create(
            lead=lead, defaults={"organization_id": lead.organization_id, "user": by}
        )
        if is_new:
            _record(lead, by, LeadChange.Field.DELETED)
    for notify in when_deleted:
        notify(lead)
    return deleted


def restore(deleted: DeletedLead, by: User) -> bool:
    """Restore a lead. Return whether it could be restored."""
    with transaction.atomic():
        lock(deleted.lead)
        if not DeletedLead.objects.restorable().filter(pk=deleted.pk).delete()[0]:
            return False
        _record(deleted.lead, by, LeadChange.Field.RESTORED)
    return True


def undo_deletion(user: Any, pk: int) -> str:
    """Restore the lead of a DeletedLead, for a notice's Undo. Raises UndoError."""
    rows = DeletedLead.objects.visible_to(user).select_related("lead")
    deleted = rows.filter(pk=pk).first()
    if deleted is None or not restore(deleted, user):
        raise undo.UndoError(TOO_LATE)
    return f"{deleted.lead} restored."


def lock(*leads: Lead) -> None:
    """Lock leads in the order in which everyone locks them. Nobody can add rows to them now."""
    rows = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).order_by("pk")
    list(rows.select_for_update().values_list("pk"))


def _record(lead: Lead, by: User, field: LeadChange.Field) -> None:
    LeadChange.objects.create(organization_id=lead.organization_id, lead=lead, user=by, field=field)
    log.info(f"lead_{field}", lead=lead.pk, user=by.pk)


def delete_old() -> None:
    """Delete leads for good that can't be restored anymore."""
    old = DeletedLead.objects.filter(merge=None, created__lte=timezone.now() - KEPT)
    for deleted in old.select_related("lead").order_by("created")[:MOST_LEADS]:
        delete_for_good(deleted.lead)


def delete_for_good(lead: Lead) -> None:
    """Delete a lead with its rows, in batches. What's left is for the next run."""
    for relation in Lead._meta.related_objects:
        if relation.on_delete is CASCADE and relation.related_model is not DeletedLead:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: lead})
            retention.delete(rows.order_by("pk"))
            if rows.exists():
                return
    log.info("lead_deleted_for_good", lead=lead.pk, organization_id=lead.organization_id)
    lead.delete()

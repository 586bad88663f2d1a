"""Delete an organization, 30 days after an owner asked for it.

Until then its members can only look, no texts are sent, and owners can keep it after all. Then a
worker deletes its rows in small batches, until there are none. If it dies, it goes on.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from smscenter import moments
from smscenter.accounts import mails
from smscenter.accounts.models import Organization, User
from smscenter.accounts.organizations.rows import delete_some
from smscenter.registry import Registry

log = structlog.get_logger(__name__)

REMINDER = timedelta(days=3)

# What apps do at once when a deletion is requested, such as stopping to send.
when_requested: Registry[Callable[[Organization], None]] = Registry()
# Sent with the `organization`, in the transaction that deletes its own row.
organization_deleted = Signal()


def request_deletion(organization: Organization, by: User) -> bool:
    """Stop everything, and delete the organization in 30 days. Return whether it's new."""
    with transaction.atomic():
        row = Organization.objects.select_for_update().get(pk=organization.pk)
        if row.deletion_requested:
            return False
        row.deletion_requested, row.deletion_requested_by = timezone.now(), str(by)[:160]
        row.deletion_reminded = False
        row.save(update_fields=["deletion_requested", "deletion_requested_by", "deletion_reminded"])
        _mail_owners(row, "organization_deletion")
        for notify in when_requested:
            notify(row)
    log.info("organization_deletion_requested", organization=row.pk, user=by.pk)
    return True


def keep(organization: Organization, by: User) -> bool:
    """Keep an organization after all. Return whether it wasn't too late."""
    with transaction.atomic():
        row = Organization.objects.select_for_update().get(pk=organization.pk)
        if row.deletes_at is None or row.deletes_at <= timezone.now():
            return False
        row.deletion_requested, row.deletion_requested_by = None, ""
        row.save(update_fields=["deletion_requested", "deletion_requested_by"])
    log.info("organization_deletion_undone", organization=row.pk, user=by.pk)
    return True


def remind_owners() -> None:
    """Mail owners three days before."""
    soon = timezone.now() + REMINDER - Organization.DELETED_AFTER
    rows = Organization.objects.filter(deletion_requested__lte=soon, deletion_reminded=False)
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            row = rows.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is not None:
                Organization.objects.filter(pk=pk).update(deletion_reminded=True)
                _mail_owners(row, "organization_deletion_soon")


def delete_due() -> None:
    """Delete rows of the organization that has been due longest, for a moment."""
    due = Organization.objects.filter(
        deletion_requested__lte=timezone.now() - Organization.DELETED_AFTER
    )
    organization = due.order_by("deletion_requested").first()
    if organization is None:
        return
    # Nobody sees half of it.
    organization.members.filter(is_active=True, is_staff=False).update(is_active=False)
    if delete_some(organization):
        return
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True).filter(pk=organization.pk).first()
        if row is not None:
            organization_deleted.send(Organization, organization=row)
            row.delete()
    log.info("organization_deleted", organization=organization.pk)


def _mail_owners(organization: Organization, kind: str) -> None:
    owners = organization.members.filter(role=User.Role.OWNER, is_active=True)
    for owner in owners.exclude(email=""):
        context = {
            "organization": organization.name,
            "by": organization.deletion_requested_by,
            "day": moments.day(organization.deletes_at or timezone.now()),
            "settings_url": settings.PUBLIC_URL + reverse("organization_delete"),
        }
        mails.write(kind, owner.email, context)

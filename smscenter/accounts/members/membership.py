"""Changes of who belongs to an organization. One at a time, so that an owner always remains."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from smscenter.accounts.members.handovers import hand_over
from smscenter.accounts.models import Organization, User


@contextmanager
def changing(organization: Organization) -> Iterator[Organization]:
    """Change members in a transaction, after whoever else is changing them.

    Save rows one by one: the audit log records what's saved, but no `update()`.
    """
    with transaction.atomic():
        yield Organization.objects.select_for_update().get(pk=organization.pk)


def is_last_owner(member: User) -> bool:
    """Return whether no other active owner remains without this member."""
    owners = User.objects.filter(
        organization=member.organization_id, role=User.Role.OWNER, is_active=True
    )
    owner_ids = set(owners.values_list("pk", flat=True))
    return owner_ids == {member.pk}


def deactivate(member: User, to: User | None, by: User) -> None:
    """Sign a member out, and give what they work on to somebody else."""
    member.is_active = False
    member.save(update_fields=["is_active"])
    hand_over(member, to, by)


def remove(member: User, to: User | None, by: User) -> None:
    """Delete how a member signs in. The row stays, for the name on what they wrote."""
    deactivate(member, to, by)
    EmailAddress.objects.filter(user=member).delete()
    Authenticator.objects.filter(user=member).delete()
    member.set_unusable_password()
    member.email, member.removed = "", timezone.now()
    member.save(update_fields=["email", "password", "removed"])

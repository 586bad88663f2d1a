"""Changes of who belongs to an organization. One at a time, so that an owner always remains."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from smscenter.accounts.handovers import hand_over
from smscenter.accounts.models import Organization, User


@contextmanager
def changing(organization: Organization) -> Iterator[None]:
    """Change members in a transaction, after whoever else is changing them."""
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        yield


def is_last_owner(member: User) -> bool:
    """Return whether no other active owner remains without this member."""
    owners = User.objects.filter(
        organization=member.organization_id, role=User.Role.OWNER, is_active=True
    )
    owner_ids = set(owners.values_list("pk", flat=True))
    return owner_ids == {member.pk}


def deactivate(member: User, to: User | None, by: User) -> None:
    """Sign a member out, and give what they work on to somebody else."""
    User.objects.filter(pk=member.pk).update(is_active=False)
    hand_over(member, to, by)


def remove(member: User, to: User | None, by: User) -> None:
    """Delete how a member signs in. The row stays, for the name on what they wrote."""
    deactivate(member, to, by)
    EmailAddress.objects.filter(user=member).delete()
    Authenticator.objects.filter(user=member).delete()
    member.set_unusable_password()
    User.objects.filter(pk=member.pk).update(
        email="", password=member.password, removed=timezone.now()
    )

"""Give the leads of a member who leaves to somebody else."""

from leads.changing import bulk_changes
from leads.models import BulkChange, Lead
from smscenter.accounts.members.handovers import Handover, handovers
from smscenter.accounts.models import User


def count(member: User) -> int:
    return Lead.objects.visible_to(member).filter(owner=member).count()


def reassign(member: User, to: User | None, by: User) -> None:
    """Change the owner as a bulk change, which leads' timelines show, and a worker finishes."""
    ids = list(Lead.objects.visible_to(by).filter(owner=member).values_list("pk", flat=True))
    if not ids:
        return
    assert by.organization is not None  # noqa: S101 - for the type checker
    change = BulkChange.objects.create(
        organization=by.organization,
        kind=BulkChange.Kind.OWNER,
        value=to.pk if to else None,
        label=str(to) if to else "",
        created_by=by,
        selection=ids,
        total=len(ids),
    )
    bulk_changes.work(change)


handovers.register(Handover("lead", count, reassign))

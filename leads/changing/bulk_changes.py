"""Change many leads at once, and undo that for a day.

A change is frozen when it's created. The first rows are changed during the request, and a worker
changes the rest little by little. Each step starts from what its person can see at that time, and
is one transaction with the position, so a worker that dies changes nothing twice.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from leads.models import BulkChange, Lead, LeadChange, LeadStatus
from smscenter import jobs
from smscenter.accounts.models import User
from smscenter.audit.recording import record
from smscenter.registry import Registry

log = structlog.get_logger(__name__)

State = BulkChange.State
# Rows in one transaction.
CHUNK = 250
# What's done before the response, and per run of a worker, because the same thread sends mail.
REQUEST_SECONDS, WORKER_SECONDS = 0.5, 2.0


@dataclass(frozen=True)
class BulkKind:
    """What `kind` does to rows of a `model`. Both return how many rows they changed.

    `revert` gets how many it may change, and returns 0 when nothing is left.
    """

    kind: BulkChange.Kind
    model: BulkChange.Model
    apply: Callable[[BulkChange, User, Sequence[int]], int]
    revert: Callable[[BulkChange, User, int], int]


bulk_kinds: Registry[BulkKind] = Registry(key=attrgetter("kind", "model"))


def kind_of(change: BulkChange) -> BulkKind:
    return bulk_kinds.by_key[change.kind, change.model]


def work(change: BulkChange) -> None:
    """Change rows for a moment. What's left is for the worker."""
    until = time.monotonic() + REQUEST_SECONDS
    while _step(change.pk) and time.monotonic() < until:
        pass


def work_on_all() -> None:
    """Do a step of each in turn, so that no one waits for a large one."""
    waiting = BulkChange.objects.in_work().order_by("pk").values_list("organization", "pk")
    jobs.in_turn(waiting, _step, WORKER_SECONDS)


def undo(change: BulkChange, by: User) -> bool:
    """Start to undo a change. Return whether it could be undone."""
    if not change.can_be_undone_by(by):
        return False
    rows = BulkChange.objects.filter(pk=change.pk, state=State.DONE)
    with transaction.atomic():
        started = rows.update(state=State.UNDOING) == 1
        if started:
            record("undone", change, by=by)
    if started:
        log.info("bulk_change_undone", change=change.pk, user=by.pk)
        work(change)
    return started


def _step(pk: int) -> bool:
    """Change the next rows. Return whether there's more to do, and no one else is doing it."""
    with transaction.atomic():
        rows = BulkChange.objects.in_work().filter(pk=pk).select_related("created_by")
        change = rows.select_for_update(of=("self",), skip_locked=True).first()
        if change is None:
            return False
        by = change.created_by
        if change.state == State.UNDOING and by is not None:
            _revert(change, by)  # also if they left: whoever undoes it may
        elif by is None or not by.still_works_for(change.organization_id):
            change.state = State.STOPPED
        else:
            _apply(change, by)
        change.save(update_fields=["state", "position", "changed"])
        return change.is_in_work


def _apply(change: BulkChange, by: User) -> None:
    ids = change.selection[change.position : change.position + CHUNK]
    change.changed += kind_of(change).apply(change, by, ids)
    change.position += len(ids)
    if change.position >= change.total:
        change.state = State.DONE


def _revert(change: BulkChange, by: User) -> None:
    if not kind_of(change).revert(change, by, CHUNK):
        change.state = State.UNDONE


def value_of(change: BulkChange, by: User) -> Any:
    """Return the new owner or status, if it's still one that this person can choose, or None."""
    if change.value is None:
        return None
    if change.kind == BulkChange.Kind.OWNER:
        return by.colleagues().filter(pk=change.value).first()
    return LeadStatus.objects.visible_to(by).filter(pk=change.value).first()


def _change_leads(change: BulkChange, by: User, ids: Collection[int]) -> int:
    value = value_of(change, by)
    if value is None and change.value is not None:
        return 0
    rows = Lead.objects.visible_to(by).filter(pk__in=ids).select_related("owner", "status")
    leads = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    changed = [lead for lead in leads if getattr(lead, change.kind) != value]
    Lead.objects.filter(pk__in=[lead.pk for lead in changed]).update(
        **{change.kind: value, "updated": timezone.now()}
    )
    change_of = partial(LeadChange.of, field=change.kind, new=value, user=by, bulk=change)
    LeadChange.objects.bulk_create(
        [change_of(lead, old=getattr(lead, change.kind)) for lead in changed]
    )
    return len(changed)


def _revert_leads(change: BulkChange, _by: User, limit: int) -> int:
    """Give leads their former values, unless someone changed them since."""
    rows = list(change.changes.filter(undone=None).order_by("lead")[:limit])
    column = f"{change.kind}_id"
    known = {None, *_known_values(change)}
    for old in {row.old_id for row in rows} & known:
        leads = [row.lead_id for row in rows if row.old_id == old]
        rows_now = Lead.objects.visible_in(change.organization_id).filter(pk__in=leads)
        same = rows_now.filter(**{column: change.value})
        same.update(**{column: old, "updated": timezone.now()})
    LeadChange.objects.filter(pk__in=[row.pk for row in rows]).update(undone=timezone.now())
    return len(rows)


def _known_values(change: BulkChange) -> Sequence[int]:
    if change.kind == BulkChange.Kind.OWNER:
        members = User.objects.filter(organization=change.organization_id)
        return list(members.values_list("pk", flat=True))
    statuses = LeadStatus.objects.visible_in(change.organization_id)
    return list(statuses.values_list("pk", flat=True))


for kind in (BulkChange.Kind.OWNER, BulkChange.Kind.STATUS):
    bulk_kinds.register(BulkKind(kind, BulkChange.Model.LEAD, _change_leads, _revert_leads))

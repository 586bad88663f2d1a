"""What people do with a bulk send. Each change is conditional: a second click changes nothing."""

from collections.abc import Collection
from contextlib import suppress

import structlog
from django.db import transaction

from messaging.models import Attempt, BulkItem, BulkSend, SmsMessage
from messaging.models.bulk import OPTIONAL, LeftOut
from messaging.outgoing import schedule
from messaging.outgoing.bulk import preparation
from smscenter.accounts.models import User
from smscenter.audit.recording import record

log = structlog.get_logger(__name__)

State = BulkSend.State
# What the audit log calls each move.
MOVED = {State.RUNNING: "started", State.PAUSED: "paused", State.STOPPED: "stopped"}
LEFT_OUT_BY_PERSON = "Someone left it out before sending."


def start(bulk: BulkSend, by: User) -> bool:
    """Start sending after the preview. Return whether it was ready, and had anything to send."""
    if not bulk.items.waiting().exists():
        return False
    return _move(bulk, (State.READY,), State.RUNNING, by)


def pause(bulk: BulkSend, by: User) -> bool:
    """Stop making texts until someone resumes. Return whether it was running."""
    return _move(bulk, (State.RUNNING,), State.PAUSED, by)


def resume(bulk: BulkSend, by: User) -> bool:
    is_prepared = bulk.prepared >= bulk.total
    return _move(bulk, (State.PAUSED,), State.RUNNING if is_prepared else State.PREPARING, by)


def stop(bulk: BulkSend, by: User) -> bool:
    """Cancel everything that hasn't started. Return whether it was running or paused."""
    with transaction.atomic():
        if not _move(bulk, (State.RUNNING, State.PAUSED), State.STOPPED, by):
            return False
        # No worker makes texts now: it locks the row that changed, and looks at its state.
        bulk.items.waiting().update(state=BulkItem.State.STOPPED, due=None)
    if not bulk.is_resend:
        _cancel_unsent(bulk, by)
    return True


def discard(bulk: BulkSend) -> bool:
    """Delete a preview. Return whether it hadn't been started."""
    with transaction.atomic():
        rows = BulkSend.objects.filter(pk=bulk.pk, state__in=[State.PREPARING, State.READY])
        row = rows.select_for_update(of=("self",)).first()
        if row is None:
            return False
        row.delete()
    return True


def leave_out(bulk: BulkSend, positions: Collection[int]) -> int:
    """Leave these items out before it starts. Return how many."""
    with transaction.atomic():
        if not _is_ready(bulk):
            return 0
        rows = bulk.items.waiting().filter(position__in=positions)
        return rows.update(
            state=BulkItem.State.LEFT_OUT,
            reason=LeftOut.UNCHECKED,
            notes=[LEFT_OUT_BY_PERSON],
            once=None,
            due=None,
        )


def include(bulk: BulkSend, positions: Collection[int] | None = None) -> int:
    """Include items that were left out because they are old, or by a person. Return how many.

    Without `positions`, include all that are old.
    """
    with transaction.atomic():
        if not _is_ready(bulk):
            return 0
        rows = bulk.items.filter(state=BulkItem.State.LEFT_OUT)
        if positions is None:
            rows = rows.filter(reason=LeftOut.OLD)
        else:
            rows = rows.filter(reason__in=OPTIONAL, position__in=positions)
        chosen = list(rows.order_by("position"))
        for row in chosen:
            row.state, row.reason, row.once = BulkItem.State.WAITING, "", preparation.key_of(row)
            row.notes = [note for note in row.notes if note != LEFT_OUT_BY_PERSON]
        preparation.leave_out_duplicates(bulk, chosen)
        BulkItem.objects.bulk_update(chosen, ["state", "reason", "once", "notes"], batch_size=100)
    return sum(row.state == BulkItem.State.WAITING for row in chosen)


def _is_ready(bulk: BulkSend) -> bool:
    rows = BulkSend.objects.filter(pk=bulk.pk, state=State.READY)
    return rows.select_for_update(of=("self",)).defer("selection").first() is not None


def _move(bulk: BulkSend, old: tuple[State, ...], new: State, by: User) -> bool:
    with transaction.atomic():
        moved = BulkSend.objects.move(bulk.pk, old, new)
        if moved:
            record("bulk_moved", bulk, note=MOVED.get(new, "resumed"), by=by)
    if moved:
        log.info("bulk_moved", bulk=bulk.pk, state=new.value, user=by.pk)
    return moved


def _cancel_unsent(bulk: BulkSend, by: User) -> None:
    """Cancel texts that were made, but that no worker has taken yet: a few at most."""
    queued = Attempt.objects.filter(sender=bulk.sender, state=Attempt.State.QUEUED)
    unsent = queued.filter(number=1, started=None).values("message")
    made = bulk.items.filter(state=BulkItem.State.MADE, message__in=unsent)
    by_message = dict(made.values_list("message", "pk"))
    for pk, message in SmsMessage.objects.in_bulk(list(by_message)).items():
        with suppress(schedule.StartedError), transaction.atomic():
            schedule.cancel(message, by)
            # Canceling deletes the text, so the item no longer has one.
            BulkItem.objects.filter(pk=by_message[pk]).update(state=BulkItem.State.STOPPED)

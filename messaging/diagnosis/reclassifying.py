"""Change the reason of a code, and of the texts that failed with it before.

Their labels, pages, and searches follow. Nothing is resent, and nothing is learned about numbers.
"""

import time
from collections import defaultdict

import structlog
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from messaging import carriers
from messaging.diagnosis.failures import corrected
from messaging.models import Attempt, CarrierCode, Reclassification, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

# Attempts in one transaction: few, because their rows are locked.
BATCH = 200
# Per run, because the same thread sends mail.
SECONDS = 2.0


class NotUndoableError(Exception):
    """The code hasn't been changed, or its last change was undone."""


def record(old: CarrierCode, new: CarrierCode, by: User) -> Reclassification | None:
    """Record a changed reason, so that the worker updates the texts. None if it's the same."""
    if old.reason == new.reason:
        return None
    return Reclassification.objects.create(
        code=new,
        old_reason=old.reason,
        old_retry=old.retry,
        was_known=old.known,
        new_reason=new.reason,
        by=by,
    )


def undo(code: CarrierCode, by: User) -> Reclassification:
    """Restore what the code meant before its last change, and its texts. Raise NotUndoableError."""
    with transaction.atomic():
        row = CarrierCode.objects.select_for_update(of=("self",)).get(pk=code.pk)
        last = row.reclassifications.order_by("-pk").first()
        if last is None or last.undoes_id is not None:
            raise NotUndoableError
        undone = Reclassification.objects.create(
            code=row,
            old_reason=row.reason,
            old_retry=row.retry,
            was_known=row.known,
            new_reason=last.old_reason,
            by=by,
            undoes=last,
        )
        row.reason, row.retry, row.known = last.old_reason, last.old_retry, last.was_known
        row.version, row.changed_by = row.version + 1, by
        row.save()
    return undone


def update_texts() -> None:
    """Update the texts of all changes, oldest first. What's left is done in the next run."""
    until = time.monotonic() + SECONDS
    while _update_batch() and time.monotonic() < until:
        pass


@transaction.atomic
def _update_batch() -> bool:
    """Update the next texts of the oldest change. Return False if there's nothing to do.

    A change waits until all earlier ones are done, because the next one may undo it.
    """
    rows = Reclassification.objects.select_for_update(of=("self",)).select_related("code")
    change = rows.filter(finished=None).order_by("pk").first()
    if change is None:
        return False
    attempts = list(_attempts(change)[:BATCH])
    if attempts:
        _reclassify(attempts, Reason(change.new_reason))
        change.last_attempt, change.texts = attempts[-1].pk, change.texts + len(attempts)
    else:
        change.finished = timezone.now()
        log.info("code_reclassified", code=str(change.code), texts=change.texts)
    change.save()
    return True


def _attempts(change: Reclassification) -> QuerySet[Attempt]:
    """Return the attempts that still have the old reason. Locked, because a receipt may change one.

    An unsupported country may have been corrected: see `corrected`.
    """
    old = {change.old_reason}
    if change.old_reason == Reason.UNSUPPORTED_COUNTRY:
        old.add(Reason.SENDER_CONFIG)
    rows = Attempt.objects.select_for_update(of=("self",)).with_codes([change.code.code])
    rows = rows.filter(
        carrier__in=carriers.keys_with(change.code.carrier),
        state=Attempt.State.FAILED,
        reason__in=old,
        pk__gt=change.last_attempt,
    )
    return rows.select_related("message__organization").order_by("pk")


def _reclassify(attempts: list[Attempt], reason: Reason) -> None:
    by_reason: dict[Reason, list[int]] = defaultdict(list)
    for attempt in attempts:
        by_reason[corrected(reason, attempt.message)].append(attempt.pk)
    for each, pks in by_reason.items():
        Attempt.objects.filter(pk__in=pks).update(reason=each)
    messages = SmsMessage.objects.filter(pk__in={attempt.message_id for attempt in attempts})
    # In the same order as all who lock several messages.
    list(messages.select_for_update(of=("self",)).order_by("lead_id", "pk").values_list("pk"))
    failed = Attempt.objects.filter(message=OuterRef("pk"), state=Attempt.State.FAILED)
    latest = Subquery(failed.order_by("-number").values("reason")[:1])
    messages.failed().update(reason=latest, updated=timezone.now())

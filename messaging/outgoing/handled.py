"""Mark many failed texts as handled: those of leads, or those of a list of texts."""

from collections.abc import Sequence
from functools import partial

from django.utils import timezone

from leads.changing.bulk_changes import BulkKind
from leads.models import BulkChange
from messaging.models import SmsMessage
from smscenter.accounts.models import User
from smscenter.retention import next_ids


def mark(path: str, change: BulkChange, by: User, ids: Sequence[int]) -> int:
    """Mark the failed texts that nobody took care of. `path` leads from them to the rows."""
    rows = SmsMessage.objects.visible_to(by).failed().filter(handled=None, **{f"{path}__in": ids})
    # The time says which change it was, for `reopen`.
    return rows.update(handled=change.created, handled_by=by, updated=timezone.now())


def reopen(change: BulkChange, by: User, limit: int) -> int:
    """Reopen what the change marked, unless somebody handled it again since."""
    rows = SmsMessage.objects.visible_to(by).filter(handled=change.created, handled_by=by)
    ids = next_ids(rows, limit)
    SmsMessage.objects.filter(pk__in=ids).update(
        handled=None, handled_by=None, updated=timezone.now()
    )
    return len(ids)


def reopen_one(user: User, data: dict[str, int]) -> str:
    """Undo that someone marked a text as handled."""
    for message in SmsMessage.objects.visible_to(user).failed().filter(pk=data["text"]):
        message.mark_handled(None)
    return "Reopened."


Kind, Model = BulkChange.Kind, BulkChange.Model
KINDS = (
    BulkKind(Kind.HANDLED, Model.LEAD, partial(mark, "lead"), reopen),
    BulkKind(Kind.HANDLED, Model.MESSAGE, partial(mark, "pk"), reopen),
)

"""Add entries to the history of a request."""

from collections.abc import Iterable
from typing import Any

from smscenter.accounts.models import User
from smscenter.support.models.support_request import SupportRequest
from smscenter.support.models.support_request_event import SupportRequestEvent


def record(
    support_request: SupportRequest,
    kind: SupportRequestEvent.Kind,
    by: User | None,
    note: str,
    **fields: Any,
) -> SupportRequestEvent:
    """Add an entry. `fields` are `internal`, or the `old` and `new` state of a move."""
    return SupportRequestEvent.objects.create(
        organization_id=support_request.organization_id,
        request=support_request,
        kind=kind,
        user=by,
        note=note,
        **fields,
    )


def record_edit(
    support_request: SupportRequest, by: User, changes: Iterable[str]
) -> SupportRequestEvent:
    """Record that the requester changed what support has already seen."""
    note = f"Changed: {', '.join(changes)}."
    return record(support_request, SupportRequestEvent.Kind.EDIT, by, note)

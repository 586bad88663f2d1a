"""What the requester and support write to each other, besides the moves of a request."""

from django.db import transaction

from smscenter.accounts.models import User
from smscenter.support.mail import letters
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import MoveError, clean, is_reviewer, lower, written

Kind = SupportRequestEvent.Kind


def add_comment(support_request: SupportRequest, by: User, note: str) -> SupportRequestEvent:
    """Add a member's comment while support has the request, once. Raise MoveError."""
    if by.organization_id != support_request.organization_id:
        raise MoveError("Only members of the organization can comment on its requests.")
    return _write(support_request, Kind.COMMENT, by, note)


def reply(support_request: SupportRequest, by: User, note: str) -> SupportRequestEvent:
    """Write to the requester without changing the status, once. Raise MoveError."""
    if not is_reviewer(by):
        raise MoveError("Only support staff can reply to a request.")
    return _write(support_request, Kind.REPLY, by, note)


@transaction.atomic
def _write(
    support_request: SupportRequest, kind: SupportRequestEvent.Kind, by: User, note: str
) -> SupportRequestEvent:
    row = support_request.lock()
    if repeated := support_request.events.all().repeated(by, clean(note), internal=False):
        return repeated
    if not row.takes_messages():
        verb = "reply" if kind == Kind.REPLY else "add a comment"
        raise MoveError(f"This request is {lower(row.status)}, so you can't {verb}.")
    event = record(support_request, kind, by, written(note))
    if kind == Kind.REPLY:
        support_request.count_first_answer()
        letters.about_reply(support_request, event)
    else:
        letters.about_comment(support_request, event)
    return event

from django.db import transaction

from smscenter.accounts.models import User
from smscenter.support.mail import letters
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import MoveError, clean, lower, written


@transaction.atomic
def add_comment(support_request: SupportRequest, by: User, note: str) -> SupportRequestEvent:
    """Add a member's comment while support has the request, once. Raise MoveError."""
    if by.organization_id != support_request.organization_id:
        raise MoveError("Only members of the organization can comment on its requests.")
    status = support_request.lock().status
    if repeated := support_request.events.all().repeated(by, clean(note), internal=False):
        return repeated
    if not status.is_open:
        raise MoveError(f"This request is {lower(status)}, so you can't add a comment.")
    event = record(support_request, SupportRequestEvent.Kind.EDIT, by, written(note))
    letters.about_comment(support_request, event)
    return event

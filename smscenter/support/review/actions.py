"""Assign requests, add internal notes, and mail carriers."""

from django.db import transaction

from smscenter.accounts.models import User
from smscenter.support.mail import letters
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import MoveError, State, is_reviewer, lower, written


@transaction.atomic
def assign(support_request: SupportRequest, to: User | None, by: User) -> SupportRequestEvent:
    """Assign an open request to one of the support staff, or unassign it. Raise MoveError."""
    if not is_reviewer(by) or (to is not None and not is_reviewer(to)):
        raise MoveError("Only support staff can be assigned requests.")
    support_request.change_assignee(to)
    note = f"Assigned to {to}." if to else "Unassigned."
    return record(support_request, SupportRequestEvent.Kind.ASSIGNMENT, by, note, internal=True)


def take_next(by: User) -> SupportRequest | None:
    """Assign the request that has waited longest. Two people never get the same one.

    Raise MoveError for anyone who isn't support staff.
    """
    if not is_reviewer(by):
        raise MoveError("Only support staff can be assigned requests.")
    waiting = SupportRequest.objects.filter(state=State.SUBMITTED, assignee=None)
    while support_request := waiting.order_by("submitted", "id").first():
        try:
            assign(support_request, by, by)
        except MoveError:
            continue  # Someone else was faster, so it's no longer unassigned.
        return support_request
    return None


@transaction.atomic
def add_note(support_request: SupportRequest, by: User, note: str) -> SupportRequestEvent:
    """Add an internal note, once. Raise MoveError."""
    if not is_reviewer(by):
        raise MoveError("Only support staff can add internal notes.")
    note = written(note)
    support_request.lock()
    repeated = support_request.events.all().repeated(by, note, internal=True)
    return repeated or record(
        support_request, SupportRequestEvent.Kind.NOTE, by, note, internal=True
    )


@transaction.atomic
def mail_carrier(support_request: SupportRequest, by: User, mail: Mail) -> None:
    """Send this mail to the carrier, once per key. Raise MoveError."""
    if not is_reviewer(by):
        raise MoveError("Only support staff can email a carrier.")
    if support_request.kind != SupportRequest.Kind.WHITELIST:
        raise MoveError("Only whitelist requests can be emailed to a carrier.")
    # Locked, so that it can't be withdrawn at this moment.
    status = support_request.lock().status
    if not status.is_open:
        raise MoveError(f"This request is {lower(status)}, so you can't email the carrier.")
    if not Mail.objects.filter(key=mail.key).exists():
        letters.to_carrier(support_request, by, mail)

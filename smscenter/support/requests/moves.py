"""Move a request to another state, with everything that belongs to it: files, history, and mail."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.support.mail import letters
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.history import record
from smscenter.support.models.states import MoveError, State, clean
from smscenter.support.requests.evidence import discard_evidence
from smscenter.support.requests.whitelistings import grant


@transaction.atomic
def move(  # noqa: PLR0913 - the fields of the form
    support_request: SupportRequest,
    to: State,
    by: User,
    note: str = "",
    *,
    ticket: str = "",
    expires: datetime | None = None,
) -> SupportRequestEvent:
    """Move a request, record it in the history, and notify the requester. Raise MoveError.

    `ticket` is the carrier's number for it, `expires` is when a whitelisting ends.
    """
    if expires is not None and expires <= timezone.now():
        raise MoveError("Choose an expiration date in the future.")
    old = support_request.status
    support_request.change_state(to, by, note, ticket)
    if to is State.WITHDRAWN and support_request.submitted is None:
        discard_evidence(support_request, by)
    event = record(support_request, SupportRequestEvent.Kind.MOVE, by, clean(note), old=old, new=to)
    if to is State.WHITELISTED and support_request.sender is not None:
        grant(support_request, support_request.sender, expires)
    letters.about_move(support_request, event)
    return event


def was_sent_with(support_request: SupportRequest, note: str) -> bool:
    """Return whether the latest move came with this note, or no note is given: a second click."""
    latest = support_request.events.filter(kind=SupportRequestEvent.Kind.MOVE).last()
    return clean(note) in {"", latest.note if latest else ""}

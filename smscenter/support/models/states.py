"""Define the states of a request, and who may move it. Nothing else decides this."""

from django.db import models

from smscenter.accounts.models import User
from smscenter.wording import lowerfirst


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    MORE_INFORMATION = "more_information", "Info requested"
    SENT_TO_CARRIER = "sent_to_carrier", "Sent to carrier"
    WHITELISTED = "whitelisted", "Whitelisted"
    ANSWERED = "answered", "Answered"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"

    @property
    def is_decision(self) -> bool:
        return self in {State.WHITELISTED, State.ANSWERED, State.REFUSED}

    @property
    def is_open(self) -> bool:
        """Return whether support has it, and has not decided yet."""
        return self in OPEN

    @property
    def is_editable(self) -> bool:
        """Return whether it's the requester's turn to write."""
        return self in {State.DRAFT, State.MORE_INFORMATION}


# Only a carrier whitelists a number, so a request is sent to the carrier first.
MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    State.SUBMITTED: frozenset(
        {
            State.MORE_INFORMATION,
            State.SENT_TO_CARRIER,
            State.ANSWERED,
            State.REFUSED,
            State.WITHDRAWN,
        }
    ),
    State.MORE_INFORMATION: frozenset(
        {State.SUBMITTED, State.ANSWERED, State.REFUSED, State.WITHDRAWN}
    ),
    State.SENT_TO_CARRIER: frozenset(
        {
            State.MORE_INFORMATION,
            State.WHITELISTED,
            State.ANSWERED,
            State.REFUSED,
            State.WITHDRAWN,
        }
    ),
    State.WHITELISTED: frozenset(),
    State.ANSWERED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

# By kind: a whitelist request can't be answered, and a question can't be whitelisted.
NEVER = {"whitelist": State.ANSWERED, "other": State.WHITELISTED}
OPEN = frozenset({State.SUBMITTED, State.MORE_INFORMATION, State.SENT_TO_CARRIER})
# Whose turn it is.
TURNS = {
    State.SUBMITTED: "Support's turn",
    State.MORE_INFORMATION: "Requester's turn",
    State.SENT_TO_CARRIER: "The carrier's turn",
}
# Only support staff can make the other moves.
BY_MEMBERS = frozenset({State.SUBMITTED, State.WITHDRAWN})
LONGEST_NOTE = 2_000
NEEDS_NOTE = frozenset({State.MORE_INFORMATION, State.ANSWERED, State.REFUSED})


class MoveError(Exception):
    """Refuse a move, with a sentence for the person who tried it."""


def is_reviewer(user: User) -> bool:
    """Return whether this person is support staff, who belong to the group “Support”."""
    return user.is_staff and user.has_perm("support.change_supportrequest")


def check_move(old: State, new: State, by: User, *, is_member: bool, note: str) -> None:
    """Raise MoveError unless this person can make this move now."""
    if new is old:
        raise MoveError(f"This request is already {lower(old)}.")
    if new not in MOVES[old]:
        raise MoveError(f"This request is {lower(old)}, so it can't be changed to {lower(new)}.")
    if new in BY_MEMBERS and not is_member:
        raise MoveError("Only members of the organization can submit or withdraw its requests.")
    if new not in BY_MEMBERS and not is_reviewer(by):
        raise MoveError("Only support staff can do this.")
    if new in NEEDS_NOTE and not note:
        raise MoveError("Write a note to the requester: your question, your answer, or the reason.")
    if len(note) > LONGEST_NOTE:
        raise MoveError(f"This note is too long. Use up to {LONGEST_NOTE:,} characters.")


def lower(state: State) -> str:
    """Return the label as it reads inside a sentence."""
    return "a draft" if state is State.DRAFT else lowerfirst(state.label)


def clean(text: str) -> str:
    """Return the text as stored: without NUL, which PostgreSQL refuses, and with Unix line ends."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def written(note: str) -> str:
    """Return the note as stored. Raise MoveError if it's empty or too long."""
    note = clean(note)
    if not note or len(note) > LONGEST_NOTE:
        raise MoveError(f"Write a note of 1 to {LONGEST_NOTE:,} characters.")
    return note

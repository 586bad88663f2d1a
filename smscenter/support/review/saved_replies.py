"""Placeholders in saved replies, such as `{{ requester.first_name }}`, with a value in every case.

They're written like those of text templates (messaging/composing/templates.py).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from messaging import carriers
from messaging.composing.templates import BROKEN, PLACEHOLDER
from smscenter.accounts.models import User
from smscenter.support.models import SavedReply, SupportRequest

# The review page loads all of them.
MOST_REPLIES = 100


@dataclass(frozen=True)
class Placeholder:
    meaning: str
    value: Callable[[SupportRequest, User], str]


def _first_name(person: User | None) -> str:
    return person.first_name or str(person) if person else ""


def _number(request: SupportRequest) -> str:
    return str(request.sender.number) if request.sender else "your number"


def _carrier(request: SupportRequest) -> str:
    return carriers.label(request.sender.carrier) if request.sender else "the carrier"


PLACEHOLDERS = {
    "requester.first_name": Placeholder(
        "First name of the requester", lambda request, _: _first_name(request.created_by) or "there"
    ),
    "requester.name": Placeholder(
        "Full name of the requester", lambda request, _: str(request.created_by or "there")
    ),
    "organization.name": Placeholder(
        "Their organization", lambda request, _: request.organization.name
    ),
    "number": Placeholder("The sender number", lambda request, _: _number(request)),
    "carrier": Placeholder("The carrier of the number", lambda request, _: _carrier(request)),
    "request.id": Placeholder("The number of the request", lambda request, _: str(request.pk)),
    "user.first_name": Placeholder("Your first name", lambda _, user: _first_name(user)),
    "user.name": Placeholder("Your full name", lambda _, user: str(user)),
}


def known_placeholders() -> list[tuple[str, str]]:
    """Return each placeholder as it's written, and what it stands for."""
    return [(f"{{{{ {name} }}}}", each.meaning) for name, each in PLACEHOLDERS.items()]


def problem_of(text: str) -> str:
    """Return what's wrong with the placeholders in a text, or an empty string."""
    for match in PLACEHOLDER.finditer(text):
        if match[1].strip() not in PLACEHOLDERS:
            return f"{match[0]} isn't a placeholder. Choose one below."
    broken = BROKEN.search(PLACEHOLDER.sub("", text))
    return f"{broken[0]} isn't a complete placeholder, like {{{{ number }}}}." if broken else ""


def fill_in(text: str, request: SupportRequest, user: User) -> str:
    """Return the text with values."""

    def value(match: re.Match[str]) -> str:
        known = PLACEHOLDERS.get(match[1].strip())
        return known.value(request, user) if known else match[0]

    return PLACEHOLDER.sub(value, text)


def filled_in(request: SupportRequest, user: User) -> list[tuple[SavedReply, str]]:
    """Return each saved reply with its text for this request."""
    rows = SavedReply.objects.all()[:MOST_REPLIES]
    return [(row, fill_in(row.text, request, user)) for row in rows]

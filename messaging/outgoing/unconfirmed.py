"""Texts that a carrier may or may not have, for a person to decide about."""

from collections.abc import Iterable

from messaging.models import Attempt
from messaging.outgoing import outbox
from smscenter.accounts.models import User


def among(messages: Iterable[int]) -> set[int]:
    """Return which of these texts are unconfirmed, by ID."""
    ids = list(messages)
    if not ids:
        return set()
    attempts = Attempt.objects.unconfirmed().filter(message__in=ids).order_by()
    return set(attempts.values_list("message", flat=True))


def settle(attempts: Iterable[Attempt], user: User, *, sent: bool) -> int:
    """Record for each of these whether it was sent. Return how many were still unconfirmed."""
    return sum(outbox.settle(attempt, user, sent=sent) for attempt in attempts)

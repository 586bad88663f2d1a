"""How long support wants requests to wait, at most: until its first reply, and until it decides."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from smscenter.support.models.states import State

# While support waits for the requester, nothing is overdue.
RUNNING = (State.SUBMITTED, State.SENT_TO_CARRIER)


def first_reply() -> timedelta:
    return timedelta(hours=settings.FIRST_REPLY_TARGET_HOURS)


def decision() -> timedelta:
    return timedelta(hours=settings.DECISION_TARGET_HOURS)


def overdue(at: datetime | None = None) -> Q:
    """Return the condition that a request waits longer than one of the targets."""
    now = at or timezone.now()
    is_late = Q(first_answered=None, submitted__lt=now - first_reply())
    return Q(state__in=RUNNING) & (is_late | Q(submitted__lt=now - decision()))

"""Measure how long requests wait, for the top of the review queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import models
from django.utils import timezone

from search.limits import COUNT_LIMIT, Count
from smscenter.support.models import SupportRequest, targets
from smscenter.support.models.states import State

# Only the newest requests of this period are measured.
WINDOW = timedelta(days=90)
MOST = 1_000


@dataclass(frozen=True)
class Measures:
    """The number of waiting requests, and median waiting times, None if there are none yet."""

    waiting: Count
    unassigned: Count
    overdue: Count
    to_first_answer: timedelta | None
    to_decision: timedelta | None


def measure(at: datetime | None = None) -> Measures:
    """Return the measures. Takes two queries, because requests store these times."""
    since = (at or timezone.now()) - WINDOW
    rows = SupportRequest.objects.filter(submitted__gte=since).order_by("-submitted", "-id")
    times = list(rows.values_list("submitted", "first_answered", "decided")[:MOST])
    return Measures(
        *_waiting(at),
        _median((first, answered) for first, answered, _ in times),
        _median((first, decided) for first, _, decided in times),
    )


def _waiting(at: datetime | None) -> tuple[Count, Count, Count]:
    """Return how many requests wait, are unassigned, and are overdue, in one query."""
    rows = SupportRequest.objects.filter(state__in=targets.RUNNING).order_by()[: COUNT_LIMIT + 1]
    is_new = models.Q(state=State.SUBMITTED)
    found = rows.aggregate(
        all=models.Count("pk"),
        waiting=models.Count("pk", filter=is_new),
        unassigned=models.Count("pk", filter=is_new & models.Q(assignee=None)),
        overdue=models.Count("pk", filter=targets.overdue(at)),
    )
    is_capped = found.pop("all") > COUNT_LIMIT
    waiting, unassigned, overdue = (min(number, COUNT_LIMIT) for number in found.values())
    return Count(waiting, is_capped), Count(unassigned, is_capped), Count(overdue, is_capped)


def _median(spans: Iterable[tuple[datetime | None, datetime | None]]) -> timedelta | None:
    seconds = [(end - start).total_seconds() for start, end in spans if start and end]
    return timedelta(seconds=median(seconds)) if seconds else None

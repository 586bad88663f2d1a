"""The timeline of a lead: activities of all kinds, newest first, by key.

A position is the key of an activity: its time, kind, and row. A page begins after a position, so
the thousandth page costs as much as the first.
"""

import heapq
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from itertools import islice
from typing import Any, Self

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from leads import page
from leads.models import Lead
from smscenter.database.prepared import PreparedRows, by_ids

PAGE_SIZE = 30


class PositionError(ValueError):
    """The position is malformed, or its kind no longer exists."""


@dataclass(frozen=True, order=True)
class Position:
    """A position in a timeline. Positions sort like activities, oldest first."""

    created: datetime
    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.created.isoformat()}_{self.kind}_{self.id}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the position that `str` wrote. Raises PositionError."""
        try:
            created, kind, id_ = text.split("_")
            position = cls(datetime.fromisoformat(created), kind, int(id_))
        except ValueError as error:
            raise PositionError(text) from error
        if position.created.tzinfo is None or not 0 <= position.id < 2**63:
            raise PositionError(text)
        return position

    def older(self, kind: str) -> Q:
        """Return the rows of this kind that are older than this position."""
        same_moment = Q(id__lt=self.id) if kind == self.kind else Q(pk__isnull=kind > self.kind)
        return Q(created__lte=self.created) & (Q(created__lt=self.created) | same_moment)

    def newer(self, kind: str) -> Q:
        same_moment = Q(id__gt=self.id) if kind == self.kind else Q(pk__isnull=kind < self.kind)
        return Q(created__gte=self.created) & (Q(created__gt=self.created) | same_moment)


@dataclass(frozen=True)
class Activity:
    kind: page.ActivityKind
    row: Any
    # What it shares with the activity above it. timeline.js updates both on an open page.
    is_same_day: bool = False
    is_same_run: bool = False
    # Whether it's the oldest of those that are new to the reader.
    ends_new: bool = False

    @cached_property
    def day(self) -> date:
        return timezone.localdate(self.row.created)

    @cached_property
    def run(self) -> str:
        return self.kind.run(self.row)

    @cached_property
    def position(self) -> Position:
        return Position(self.row.created, self.kind.name, self.row.pk)

    @cached_property
    def html_id(self) -> str:
        return f"{self.kind.name}-{self.row.pk}"

    @cached_property
    def is_pending(self) -> bool:
        return self.kind.is_pending(self.row)

    @cached_property
    def version(self) -> str:
        return f"{self.html_id}:{self.kind.version(self.row)}"

    @property
    def announcement(self) -> str:
        return self.kind.announce(self.row)


@dataclass(frozen=True)
class Timeline:
    """One page of activities, and the position where the next page starts."""

    activities: list[Activity]
    more: Position | None

    @property
    def newest(self) -> Position | None:
        return self.activities[0].position if self.activities else None

    @property
    def is_pending(self) -> bool:
        return any(activity.is_pending for activity in self.activities)


def before(lead: Lead, position: Position | None = None, size: int = PAGE_SIZE) -> Timeline:
    """Return the page of activities older than this position, or the newest page."""
    found = [_older(lead, kind, position, size + 1) for kind in _kinds_of(lead)]
    merged = list(
        islice(heapq.merge(*found, key=lambda activity: activity.position, reverse=True), size + 1)
    )
    more = merged[size - 1].position if len(merged) > size else None
    return Timeline(_grouped(merged[:size], position), more)


def _kinds_of(lead: Lead) -> list[page.ActivityKind]:
    return [kind for kind in page.activities if kind.may_exist(lead)]


def _grouped(activities: list[Activity], position: Position | None) -> list[Activity]:
    """Return the activities with what each shares with the one above it."""
    day, run = timezone.localdate(position.created) if position else None, ""
    grouped = []
    for activity in activities:
        is_same_day = activity.day == day
        is_same_run = is_same_day and run != "" and activity.run == run
        grouped.append(replace(activity, is_same_day=is_same_day, is_same_run=is_same_run))
        day, run = activity.day, activity.run
    return grouped


def with_new(shown: Timeline, since: datetime | None, reader: int) -> Timeline:
    """Return the timeline with a mark below what others added since then."""
    new = [
        activity
        for activity in shown.activities
        if since is not None
        and activity.row.created > since
        and activity.kind.author(activity.row) != reader
    ]
    if not new:
        return shown
    marked = [replace(each, ends_new=each is new[-1]) for each in shown.activities]
    return replace(shown, activities=marked)


def _older(
    lead: Lead, kind: page.ActivityKind, position: Position | None, limit: int
) -> list[Activity]:
    if position is None and kind.is_prepared and limit == PAGE_SIZE + 1:
        newest = _prepared(kind)(lead.pk, lead.organization_id)
        prefetch_related_objects(newest, *kind.prefetch(lead))
        return [Activity(kind, row) for row in newest]
    rows = _rows(kind, lead)
    if position is not None:
        rows = rows.filter(position.older(kind.name))
    return [Activity(kind, row) for row in rows[:limit]]


def _rows(kind: page.ActivityKind, lead: Lead) -> QuerySet[Any]:
    rows = kind.rows(lead).order_by("-created", "-id")
    return rows.prefetch_related(*kind.prefetch(lead))


@cache
def _prepared(kind: page.ActivityKind) -> PreparedRows:
    """Return the query of the first page of this kind, which people open most."""

    def newest(lead: int, organization: int) -> QuerySet[Any]:
        rows = kind.rows(by_ids(Lead, lead, organization))
        return rows.order_by("-created", "-id")[: PAGE_SIZE + 1]

    return PreparedRows(newest)


def since(lead: Lead, position: Position | None) -> list[Activity]:
    """Return the activities newer than this position, newest first."""
    found: list[Activity] = []
    for kind in _kinds_of(lead):
        rows = _rows(kind, lead)
        if position is not None:
            rows = rows.filter(position.newer(kind.name))
        found += [Activity(kind, row) for row in rows[:PAGE_SIZE]]
    return sorted(found, key=lambda activity: activity.position, reverse=True)[:PAGE_SIZE]


def named(lead: Lead, html_ids: set[str]) -> list[Activity]:
    """Return the activities with these ids (`message-12`) that still exist, one query per kind."""
    wanted: dict[str, set[int]] = {}
    for kind_name, pk in filter(None, map(_read_id, html_ids)):
        wanted.setdefault(kind_name, set()).add(pk)
    return [
        Activity(kind, row)
        for kind in page.activities
        if kind.name in wanted
        for row in _rows(kind, lead).filter(pk__in=wanted[kind.name])
    ]


def gone(versions: list[str], left: list[Activity]) -> list[str]:
    """Return the ids of the activities of these versions that are no longer there."""
    html_ids = {html_id for html_id, colon, _ in (v.partition(":") for v in versions) if colon}
    return sorted(filter(_read_id, html_ids - {activity.html_id for activity in left}))


def _read_id(html_id: str) -> tuple[str, int] | None:
    """Return the kind and key in an HTML id, or None if it isn't an activity's id."""
    kind_name, _, number = html_id.rpartition("-")
    possible = number.isascii() and number.isdigit() and len(number) < 19
    return (kind_name, int(number)) if possible and kind_name in page.activities.by_key else None

"""Count the rows of saved views in the background, while pages show the counts until now.

Anyone can share a view that is expensive to count, and it appears on every page of every colleague.
So no request counts: a thread of each process does, for one organization after another. A view gets
the limit `view`, an organization's turn `TURN_SECONDS`, and then the organization pauses for `REST`
times as long as its turn took. Counts are stored in Django's cache, by default one per process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from time import monotonic, time
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connections

from search.answering import queryset
from search.cache_keys import cache_key
from search.language.errors import Code, QueryError
from search.limits import Count, time_limit
from search.models import SavedView
from search.words.counting import count_of
from smscenter.database.replica import reading

log = structlog.get_logger(__name__)

TURN_SECONDS = 1.0
REST = 3
# A stale count is shown until the view is counted again. Slow views wait for CACHE_SECONDS.
FRESH_SECONDS = 10
# Open pages ask every 15 seconds, so what they see was counted when they asked the last time.
LATE_SECONDS = 20
CACHE_SECONDS = 300


@dataclass(frozen=True)
class ViewCount:
    """The count shown next to a view: a number, or a dash and the reason."""

    text: str
    reason: str = ""


PENDING = ViewCount("—", "Not counted yet")
TOO_SLOW = ViewCount("—", "Too slow to count")
TOO_COMPLEX = ViewCount("—", "Too complex to count")
BROKEN = ViewCount("—", "This view no longer works")


_background = ThreadPoolExecutor(1, "view-counts")


def in_background(turn: Callable[[], None]) -> None:
    def run() -> None:
        try:
            turn()
        finally:
            # Between turns, the thread needs no connection.
            connections.close_all()

    _background.submit(run)


class Turns:
    """Count the views of one organization at a time, each at most once."""

    def __init__(self, start: Callable[[Callable[[], None]], None] = in_background) -> None:
        self._start = start
        self._lock = Lock()
        self._waiting: set[int] = set()
        self._rests_until: dict[int, float] = {}

    def offer(self, views: Sequence[SavedView], user: Any) -> None:
        """Count views that are due, unless the organization has a turn or pauses. Never waits."""
        organization = user.organization_id or 0
        with self._lock:
            is_resting = monotonic() < self._rests_until.get(organization, 0)
            if is_resting or organization in self._waiting:
                return
            self._waiting.add(organization)
        self._start(lambda: self._take(organization, views, user))

    def _take(self, organization: int, views: Sequence[SavedView], user: Any) -> None:
        begun = monotonic()
        try:
            _count_due(views, user)
        finally:
            now = monotonic()
            with self._lock:
                self._waiting.discard(organization)
                resting = {key: end for key, end in self._rests_until.items() if end > now}
                self._rests_until = resting | {organization: now + REST * (now - begun)}


turns = Turns()


class KeptCounts:
    """The counts of some views for a user, as the cache has them now."""

    def __init__(self, views: Sequence[SavedView], user: Any) -> None:
        self._views, self._user = views, user
        self._kept = _cached(views, user)

    def __getitem__(self, view: SavedView) -> ViewCount:
        return self._kept[view.pk][0] if view.pk in self._kept else PENDING

    def counted(self) -> dict[int, ViewCount]:
        """Return the counts that there are, by view ID."""
        return {pk: count for pk, (count, _) in self._kept.items()}

    @property
    def are_late(self) -> bool:
        """Return whether a page that shows them should ask for new ones right after."""
        return bool(_older(self._views, self._kept, LATE_SECONDS))

    def count_due(self) -> None:
        """Have views counted that are due."""
        if _older(self._views, self._kept, FRESH_SECONDS):
            turns.offer(self._views, self._user)


def _count_due(views: Sequence[SavedView], user: Any) -> None:
    """Count views that are due, for up to `TURN_SECONDS`."""
    end = monotonic() + TURN_SECONDS - settings.SEARCH_SECONDS["view"]
    for view in _older(views, _cached(views, user), FRESH_SECONDS):
        _cache_count(view, user, _count(view, user))
        if monotonic() > end:
            return


def count_rows(view: SavedView, user: Any) -> Count:
    """Return the number of rows. Raises QueryError, also if counting takes too long."""
    with time_limit("view", view.query):
        result = queryset.run(view.model, view.query, user)
        return count_of(result.rows, result.limit)


def _count(view: SavedView, user: Any) -> ViewCount:
    """Return the count of one view. A broken view never affects the others."""
    try:
        return ViewCount(str(reading.read(lambda: count_rows(view, user))))
    except QueryError as error:
        reasons = {Code.TOO_SLOW: TOO_SLOW, Code.TOO_COMPLEX: TOO_COMPLEX}
        return reasons.get(error.original.code, BROKEN)
    except Exception:
        log.exception("view_not_counted", view=view.pk)
        return BROKEN


def _older(
    views: Iterable[SavedView], kept: Mapping[int, tuple[ViewCount, float]], seconds: float
) -> list[SavedView]:
    """Return the views that were counted longer ago, or not at all."""
    old = time() - seconds
    return [
        view
        for view in views
        if view.pk not in kept or (kept[view.pk][0] != TOO_SLOW and kept[view.pk][1] < old)
    ]


def _cached(views: Iterable[SavedView], user: Any) -> dict[int, tuple[ViewCount, float]]:
    """Return each cached count with the time that it was made."""
    keys = {view.pk: _keys(view, user) for view in views}
    found = cache.get_many([key for pair in keys.values() for key in pair])
    return {pk: found[key] for pk, pair in keys.items() for key in pair if key in found}


def _cache_count(view: SavedView, user: Any, count: ViewCount) -> None:
    own, of_all = _keys(view, user)
    key = of_all if count == TOO_SLOW else own
    cache.set(key, (count, time()), CACHE_SECONDS)


def _keys(view: SavedView, user: Any) -> tuple[str, str]:
    """Return two cache keys: the user's count, and the organization's mark for slow views.

    They depend on the query, so a changed query is counted again.
    """
    query = f"{view.model} {view.query}"
    return cache_key("count", user.pk, query), cache_key("slow", view.organization_id, query)

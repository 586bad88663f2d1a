"""Count the rows of saved views, after the page that lists them has loaded.

Anyone can share a view that is expensive to count, and it appears on every page of every colleague.
So counting is limited: a view gets `VIEW_SECONDS`, a turn `TURN_SECONDS`, and a process runs one
turn at a time, then pauses for `REST` times as long as the turn took. Counts are stored in Django's
cache, by default one per process.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic, time
from typing import Any

import structlog
from django.core.cache import cache

from search.answering import queryset
from search.language.errors import Code, QueryError
from search.limits import Count, count_of, time_limit
from search.models import SavedView

log = structlog.get_logger(__name__)

VIEW_SECONDS = 0.3
TURN_SECONDS = 1.0
REST = 3
# A stale count is shown until the view is counted again. Slow views wait for CACHE_SECONDS.
FRESH_SECONDS = 10
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


class Turns:
    """Let one thread of this process count at a time, with a pause in between."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rests_until = 0.0

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Yield whether this thread may count now. Never waits."""
        begun = monotonic()
        if not self._lock.acquire(blocking=False):
            yield False
            return
        try:
            mine = begun >= self._rests_until
            yield mine
            if mine:
                self._rests_until = monotonic() + REST * (monotonic() - begun)
        finally:
            self._lock.release()


turns = Turns()


def cached_counts(views: Iterable[SavedView], user: Any) -> dict[int, ViewCount]:
    """Return the cached counts for this user, by view ID."""
    return {pk: count for pk, (count, _) in _cached(views, user).items()}


def is_due(views: Iterable[SavedView], user: Any) -> bool:
    """Return whether any of these views needs a new count."""
    return bool(_due(views, user))


def count_due(views: Sequence[SavedView], user: Any) -> None:
    """Count views that are due, for up to `TURN_SECONDS`; none if another thread is counting."""
    due = _due(views, user)
    if not due:
        return
    with turns.take() as mine:
        end = monotonic() + TURN_SECONDS - VIEW_SECONDS
        for view in due if mine else ():
            _cache_count(view, user, _count(view, user))
            if monotonic() > end:
                return


def count_rows(view: SavedView, user: Any) -> Count:
    """Return the number of rows. Raises QueryError, also if counting takes too long."""
    with time_limit(VIEW_SECONDS, view.query):
        result = queryset.run(view.model, view.query, user)
        return count_of(result.rows, result.limit)


def _count(view: SavedView, user: Any) -> ViewCount:
    """Return the count of one view. A broken view never affects the others."""
    try:
        return ViewCount(str(count_rows(view, user)))
    except QueryError as error:
        reasons = {Code.TOO_SLOW: TOO_SLOW, Code.TOO_COMPLEX: TOO_COMPLEX}
        return reasons.get(error.original.code, BROKEN)
    except Exception:
        log.exception("view_not_counted", view=view.pk)
        return BROKEN


def _due(views: Iterable[SavedView], user: Any) -> list[SavedView]:
    cached = _cached(views, user)
    old = time() - FRESH_SECONDS
    return [
        view
        for view in views
        if view.pk not in cached or (cached[view.pk][0] != TOO_SLOW and cached[view.pk][1] < old)
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
    query = sha256(f"{view.model} {view.query}".encode()).hexdigest()
    return f"count:{user.pk}:{query}", f"slow:{view.organization_id}:{query}"

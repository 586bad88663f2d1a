"""Keep slow searches of one person or organization from occupying the web server.

A search first gets the limit `quick`, which is enough for almost all. A slower one starts again in
a slot, with the limit of what it's for. Slots are few, so that the threads of a process never all
wait for slow searches, and nobody waits for a slot: without one, the page says so and tries again.
So fast searches aren't slowed down, neither by other organizations nor by colleagues.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar

import structlog
from django.core.cache import cache
from django.http import HttpResponse

from search.cache_keys import cache_key
from search.language.errors import Code, Problem, QueryError
from search.limits import time_limit
from smscenter.database.replica import reading

log = structlog.get_logger(__name__)

# Of one process, which has four threads (gunicorn.conf.py).
IN_PROCESS = 3
OF_ORGANIZATION_IN_PROCESS = 2
OF_PERSON_IN_PROCESS = 1
# Of all processes together, on PostgreSQL.
OF_ORGANIZATION = 4
OF_PERSON = 2
# How long a slow search is remembered, so that it isn't tried with the limit `quick` again.
REMEMBERED_SECONDS = 60
RETRY_SECONDS = 5

T = TypeVar("T")


class Slots:
    """Count the slow searches of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, user: Any, text: str = "") -> Iterator[None]:
        """Occupy a slot. Raises QueryError if none is free."""
        most = {
            "": IN_PROCESS,
            f"organization {_organization(user)}": OF_ORGANIZATION_IN_PROCESS,
            f"user {user.pk}": OF_PERSON_IN_PROCESS,
        }
        with self._lock:
            full = [name for name, limit in most.items() if self._taken[name] >= limit]
            if full:
                raise busy(text, is_own=full[-1].startswith("user"))
            self._taken.update(most.keys())
        try:
            yield
        finally:
            with self._lock:
                self._taken -= Counter(most.keys())


slots = Slots()


def run(limit: str, text: str, user: Any, search: Callable[[], T]) -> T:
    """Run a search within the limit of this name. Raises QueryError, also if no slot is free.

    `search` may run twice.
    """
    key = cache_key(f"slow:{limit}", _organization(user), text)
    if not cache.get(key):
        try:
            with time_limit("quick", text):
                return search()
        except QueryError as error:
            if error.original.code is not Code.TOO_SLOW:
                raise
        cache.set(key, "slow", REMEMBERED_SECONDS)
    with slots.take(user, text), time_limit(limit, text):
        _take_in_database(user, text)
        return search()


def busy(text: str, *, is_own: bool) -> QueryError:
    log.warning("search_busy", query=text, is_own=is_own)
    whose = "Another search of yours is" if is_own else "Other slow searches are"
    message = f"{whose} still running, so this one couldn't start."
    hint = "Try again in a few seconds, or add a term that matches fewer rows, such as a date."
    return QueryError(Problem(Code.BUSY, message, 0, 0, hint), text)


def marked(response: HttpResponse, problem: Problem | None) -> HttpResponse:
    """Mark a response as one to try again, if its problem is that others are searching."""
    if problem and problem.code is Code.BUSY:
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _take_in_database(user: Any, text: str) -> None:
    """Occupy slots of all processes until the transaction ends. SQLite has none.

    The replica has slots of its own, because its searches don't slow down the primary's.
    """
    if reading.connection().vendor != "postgresql":
        return
    wanted = {f"organization {_organization(user)}": OF_ORGANIZATION, f"user {user.pk}": OF_PERSON}
    for name, limit in wanted.items():
        if not any(_locked(f"search {name} {slot}") for slot in range(limit)):
            raise busy(text, is_own=name.startswith("user"))


def _locked(name: str) -> bool:
    with reading.connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _organization(user: Any) -> int:
    """Return the ID of the user's organization, or 0 for staff, who share their slots."""
    return getattr(user, "organization_id", None) or 0

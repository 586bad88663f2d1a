"""Measure each search in milliseconds and buffers: page 1, a deep page, and the count.

Buffers are pages of 8 KB that the database reads, and don't depend on the machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import OperationalError

from benchmarks.large.fill import SIZES
from benchmarks.large.plans import SECONDS, reading_of, statement_limit
from benchmarks.large.queries import LEADS, MESSAGES, VIEWS
from leads.rows import lead_rows
from messaging.diagnosis.rows import message_rows
from search import Result
from search import run as search
from search.answering.paging import PAGE, Order, page_of
from search.language.errors import QueryError
from search.models import SavedView
from search.words.counting import count_of
from smscenter.accounts.models import User

ROUNDS = 3
DEEP = 1_000  # the page
PAGE_MS, COUNT_MS, BUFFERS = 100, 200, 150
# The first searches of leads are those that the help documents.
DOCUMENTED = 7
ORDERS = {
    "lead": Order.by("last_activity_at", descending=True),
    "message": Order.by("created", descending=True),
}
COLUMNS = {"lead": lead_rows.COLUMNS, "message": message_rows.COLUMNS}


@dataclass(frozen=True)
class Figure:
    """The best time of some rounds in milliseconds, and the buffers. None if it took too long."""

    milliseconds: float | None
    buffers: int = 0

    def __str__(self) -> str:
        if self.milliseconds is None:
            return f"{f'> {SECONDS} s':>20}"
        return f"{self.milliseconds:9.1f} {self.buffers:10,}"


@dataclass
class Search:
    """One search of one user."""

    model: str
    query: str
    user: User

    def __str__(self) -> str:
        return f"{self.model[0].upper()} {self.query or '(all)'}"

    def rows(self) -> tuple[Result, Any]:
        result = search(self.model, self.query, self.user)
        return result, result.rows

    def page(self, after: str = "") -> None:
        self.read(after)

    def read(self, after: str = "", size: int = PAGE) -> int:
        """Read a page, and return the number of its rows."""
        result, rows = self.rows()
        columns = COLUMNS[self.model]
        if result.limit:
            ordered = rows.order_by(*(result.order or self.names()))
            return len(ordered.values_list(*columns, named=True)[: result.limit])
        order = self.order(result)
        return len(page_of(rows, order, after=after, size=size, columns=columns).rows)

    def names(self) -> list[str]:
        return [f"-{self.order(None).keys[0].expression}", "-id"]

    def order(self, result: Result | None) -> Order:
        return Order.of(result.order) if result and result.order else ORDERS[self.model]

    def count(self) -> None:
        result, rows = self.rows()
        count_of(rows, result.limit)

    def deep_cursor(self) -> str:
        """Return the cursor before page DEEP, or before the last one. Empty for one page."""
        result, rows = self.rows()
        if result.limit:
            return ""
        order = self.order(result)
        last = min(count_of(rows, DEEP * 50).number, DEEP * 50) - 51
        return order.cursor(order.apply(rows)[last]) if last > 0 else ""


def measure(run: Callable[[], object]) -> Figure:
    try:
        with statement_limit():
            times = [_timed(run) for _ in range(ROUNDS)]
            return Figure(min(times), reading_of(run).buffers)
    except (OperationalError, QueryError):
        return Figure(None)


def _timed(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return (perf_counter() - start) * 1000


def searches_of(user: User) -> Iterator[Search]:
    for model, queries in (("lead", LEADS), ("message", MESSAGES)):
        yield from (Search(model, query, user) for query in queries)


def share_views(user: User) -> None:
    for name, query in VIEWS.items():
        SavedView.objects.get_or_create(
            organization=user.organization, name=name, owner=user, defaults={"query": query}
        )


def run() -> bool:
    """Return whether the searches of the largest organization are within their limits."""
    found: dict[str, tuple[Figure, Figure]] = {}
    for name in SIZES:
        user = User.objects.get(username=f"{name}-0")
        share_views(user)
        print(
            f"\n  {name:<58}{'page ms':>9}{'buffers':>11}{'count ms':>10}{'buffers':>11}"
            f"{'deep ms':>10}{'buffers':>11}"
        )
        for each in searches_of(user):
            page, count = measure(each.page), measure(each.count)
            deep = _deep(each) if name == "big" else ""
            if name == "big":
                found[str(each)] = (page, count)
            print(f"  {each!s:<57}{page} {count} {deep}", flush=True)
    return _verdict(found)


def _deep(each: Search) -> Figure | str:
    try:
        with statement_limit():
            cursor = each.deep_cursor()
    except (OperationalError, QueryError):
        return Figure(None)
    return measure(lambda: each.page(cursor)) if cursor else ""


def _verdict(found: dict[str, tuple[Figure, Figure]]) -> bool:
    print(f"\n  of {len(found)} searches in the largest organization:")
    slow = {name: page for name, (page, _) in found.items() if _is_over(page, PAGE_MS)}
    slow_counts = {name: count for name, (_, count) in found.items() if _is_over(count, COUNT_MS)}
    wide = [page for page, _ in found.values() if not page.milliseconds or page.buffers > BUFFERS]
    for what, limit, misses in (("pages", PAGE_MS, slow), ("counts", COUNT_MS, slow_counts)):
        print(f"  {what} over {limit} ms: {len(misses)}, {'missed' if misses else 'met'}")
        for name, figure in misses.items():
            print(f"    {name:<55}{figure}")
    print(f"  pages over {BUFFERS} buffers: {len(wide)} (see by_hand for what they could be)")
    return not slow and not slow_counts


def _is_over(figure: Figure, limit: float) -> bool:
    return figure.milliseconds is None or figure.milliseconds > limit

"""Measure each search in milliseconds and buffers: page 1, a deep page, and the count.

Buffers are pages of 8 KB that the database reads, and don't depend on the machine.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import OperationalError, connection, transaction

from benchmarks.large.fill import SIZES
from benchmarks.large.queries import LEADS, MESSAGES, VIEWS
from search import Result
from search import run as search
from search.answering.paging import Order, page_of
from search.language.errors import QueryError
from search.limits import count_of
from search.models import SavedView
from smscenter.accounts.models import User

ROUNDS = 3
SECONDS = 10  # per statement
DEEP = 1_000  # the page
PAGE_MS, COUNT_MS, BUFFERS = 100, 200, 150
MOST_OVER = 16  # pages over the limit of buffers
ORDERS = {
    "lead": Order.by("last_activity_at", descending=True),
    "message": Order.by("created", descending=True),
}


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

    def rows(self) -> tuple[Result, Any]:
        result = search(self.model, self.query, self.user)
        rows: Any = result.rows
        return result, rows.for_list()

    def page(self, after: str = "") -> None:
        result, rows = self.rows()
        if result.limit:
            list(rows.order_by(*(result.order or self.names()))[: result.limit])
        else:
            page_of(rows, self.order(result), after=after)

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


@contextmanager
def statement_limit() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
        yield


def measure(run: Callable[[], object]) -> Figure:
    try:
        with statement_limit():
            times = [_timed(run) for _ in range(ROUNDS)]
            return Figure(min(times), _buffers(run))
    except (OperationalError, QueryError):
        return Figure(None)


def _timed(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return (perf_counter() - start) * 1000


def _buffers(run: Callable[[], object]) -> int:
    """Return the buffers of all statements, each of which is explained and then run."""
    total = 0

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal total
        if sql.startswith(("SELECT", "WITH")) and "set_config" not in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                [[plan]] = cursor.fetchall()
            plan = plan if isinstance(plan, list) else json.loads(plan)
            top = plan[0]["Plan"]
            total += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        run()
    return total


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
    users = {name: User.objects.get(username=f"{name}-0") for name in SIZES}
    figures: dict[str, list[Figure]] = {"page": [], "count": []}
    for name, user in users.items():
        share_views(user)
        print(
            f"\n  {name:<58}{'page ms':>9}{'buffers':>11}{'count ms':>10}{'buffers':>11}"
            f"{'deep ms':>10}{'buffers':>11}"
        )
        for each in searches_of(user):
            page, count = measure(each.page), measure(each.count)
            deep = _deep(each) if name == "big" else ""
            if name == "big":
                figures["page"].append(page)
                figures["count"].append(count)
            print(
                f"  {each.model[0].upper()} {each.query or '(all)':<55}{page} {count} {deep}",
                flush=True,
            )
    return _verdict(figures["page"], figures["count"])


def _deep(each: Search) -> Figure | str:
    try:
        with statement_limit():
            cursor = each.deep_cursor()
    except (OperationalError, QueryError):
        return Figure(None)
    return measure(lambda: each.page(cursor)) if cursor else ""


def _verdict(pages: list[Figure], counts: list[Figure]) -> bool:
    slow = sum(_is_over(page, PAGE_MS) for page in pages)
    slow_counts = sum(_is_over(count, COUNT_MS) for count in counts)
    wide = sum(page.milliseconds is None or page.buffers > BUFFERS for page in pages)
    print(f"\n  of {len(pages)} searches in the largest organization:")
    print(f"  pages over {PAGE_MS} ms           {slow:4}   at most 0")
    print(f"  counts over {COUNT_MS} ms          {slow_counts:4}   at most 0")
    print(f"  pages over {BUFFERS} buffers      {wide:4}   at most {MOST_OVER}")
    return not slow and not slow_counts and wide <= MOST_OVER


def _is_over(figure: Figure, limit: float) -> bool:
    return figure.milliseconds is None or figure.milliseconds > limit

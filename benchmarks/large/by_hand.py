"""Compare the SQL of searches with what a person would write (hand_sql.py), on the same indexes.

Both run in turns, page and count, without the time that Django needs to build the SQL. Both have
to find the same rows. Of several ways to write a search by hand, the fastest one counts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import OperationalError, connection

from benchmarks.large.fill import SIZES
from benchmarks.large.hand_sql import by_hand
from benchmarks.large.plans import SECONDS, plan_of, statement_limit
from benchmarks.large.searches import BUFFERS, DOCUMENTED, Search, searches_of, share_views
from search.language.errors import QueryError
from smscenter.accounts.models import User

ROUNDS, FEW_ROUNDS = 9, 3
SLOW = 200  # milliseconds
DOCUMENTED_RATIO, RATIO = 1.3, 2.0
NEGLIGIBLE = 1.0  # milliseconds, of which nobody notices a part
LEAST_WITHIN = 80 / 96
Statement = tuple[str, Any]


@dataclass(frozen=True)
class Side:
    """What one of the two costs: milliseconds, and buffers of 8 KB."""

    milliseconds: float
    buffers: int


@dataclass(frozen=True)
class Comparison:
    """`ours` is None if it takes too long, and `hand` if that takes too long."""

    ours: Side | None
    hand: Side | None
    same_rows: bool = True

    @property
    def ratio(self) -> float:
        if self.ours is None or self.hand is None:
            return 0.0
        return self.ours.milliseconds / self.hand.milliseconds

    def is_within(self, limit: float) -> bool:
        if self.ours is None or self.hand is None:
            return self.ours is not None
        return self.ratio <= limit or self.ours.milliseconds < NEGLIGIBLE

    @property
    def is_narrow(self) -> bool:
        """Return whether it reads few buffers, or at most twice those of the hand-written SQL."""
        if self.ours is None:
            return False
        if self.ours.buffers <= BUFFERS or self.hand is None:
            return True
        return self.ours.buffers <= RATIO * self.hand.buffers

    def __str__(self) -> str:
        slow = f"{f'> {SECONDS} s':>17}"
        ours, hand = (
            f"{side.milliseconds:8.2f}{side.buffers:9,}" if side else slow
            for side in (self.ours, self.hand)
        )
        return f"{ours}{hand}{self.ratio:6.2f}{'' if self.same_rows else ' other rows'}"


def statements(run: Callable[[], None]) -> list[Statement]:
    """Return the statements that a search runs, with their parameters."""
    found = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH")) and "set_config" not in sql:
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        run()
    return found


def execute(each: Iterable[Statement]) -> list[Any]:
    """Run the statements, and return the first column of the last one."""
    rows: list[Any] = []
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        for sql, params in each:
            cursor.execute(sql, params)
            rows = [row[0] for row in cursor.fetchall()]
    return rows


def best_times(sides: list[list[Statement]], milliseconds: float) -> list[float]:
    """Run both sides in turns, and return their best times: other load only makes them longer."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS if milliseconds < SLOW else FEW_ROUNDS):
        for side, found in zip(sides, times, strict=True):
            start = perf_counter()
            execute(side)
            found.append((perf_counter() - start) * 1000)
    return [min(found) for found in times]


def compare(run: Callable[[], None], by_person: Iterator[str], user: User) -> Comparison:
    ours = _within_limit(lambda: statements(run))
    written = [_filled(sql, user) for sql in by_person]
    plans = [_within_limit(lambda sql=sql: plan_of(sql, None)) for sql in written]  # type: ignore[misc]
    hand = min(
        (pair for pair in zip(plans, written, strict=True) if pair[0]),
        key=lambda pair: pair[0].milliseconds,
        default=None,
    )
    if ours is None or hand is None:
        alone = _within_limit(lambda: _side(ours)) if ours else None
        return Comparison(alone, Side(hand[0].milliseconds, hand[0].buffers) if hand else None)
    theirs = [(hand[1], None)]
    found = _within_limit(lambda: _measured(ours, theirs, hand[0].milliseconds))
    if found is None:
        return Comparison(None, Side(hand[0].milliseconds, hand[0].buffers))
    return found  # type: ignore[no-any-return]


def _measured(ours: list[Statement], theirs: list[Statement], milliseconds: float) -> Comparison:
    best = best_times([ours, theirs], milliseconds)
    # A word that occurs nowhere has no statement that counts.
    rows = [[] if found == [0] else found for found in map(execute, (ours, theirs))]
    return Comparison(
        Side(best[0], _side(ours).buffers),
        Side(best[1], _side(theirs).buffers),
        rows[0] == rows[1],
    )


def _filled(sql: str, user: User) -> str:
    return sql.replace(":org", str(user.organization_id)).replace(":user", str(user.pk))


def _within_limit(run: Callable[[], Any]) -> Any:
    """Return what `run` returns, or None if a statement takes too long."""
    try:
        with statement_limit():
            return run()
    except (OperationalError, QueryError):
        return None


def _side(each: list[Statement]) -> Side:
    plans = [plan_of(sql, params) for sql, params in each]
    return Side(sum(plan.milliseconds for plan in plans), sum(plan.buffers for plan in plans))


def run() -> bool:
    """Return whether all ratios are within their limits, and enough pages read few buffers."""
    within = True
    columns = f"{'ours':>8}{'buffers':>9}{'hand':>8}{'buffers':>9}{'ratio':>6}"
    for name in SIZES:
        user = User.objects.get(username=f"{name}-0")
        share_views(user)
        print(f"  {name:<56}{'page ' + columns:<46}{'count ' + columns}")
        pages: dict[str, Comparison] = {}
        for number, search in enumerate(searches_of(user)):
            # Other sizes only for what the help documents.
            if name == "big" or number < DOCUMENTED:
                limit = DOCUMENTED_RATIO if number < DOCUMENTED else RATIO
                page, ok = _report(search, limit)
                pages[str(search)] = page
                within &= ok
        if name == "big":
            within &= _verdict(pages)
    return within


def _report(search: Search, limit: float) -> tuple[Comparison, bool]:
    hand = by_hand(search.model, search.query)
    page = compare(search.page, hand.pages(search.model), search.user)
    line = f"  {search!s:<56}{page}"
    ok = page.is_within(limit) and page.same_rows
    if not search.query.startswith("sort:"):
        count = compare(search.count, hand.counts(search.model), search.user)
        line += f"   {count}"
        ok &= count.is_within(limit) and count.same_rows
    print(line + ("" if ok else f"   missed: {limit}"), flush=True)
    return page, ok


def _verdict(pages: dict[str, Comparison]) -> bool:
    others = {query: page for query, page in pages.items() if not page.is_narrow}
    number, least = len(pages) - len(others), round(LEAST_WITHIN * len(pages))
    print(
        f"\n  {number} of {len(pages)} pages read at most {BUFFERS} buffers, or twice those of the"
        f" hand-written SQL: {'met' if number >= least else 'missed'}, at least {least}"
    )
    for query, page in others.items():
        print(f"    {query:<56}{page}")
    return number >= least

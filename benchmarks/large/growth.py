"""Compare the documented searches in this database and a smaller one (SMALLER_DATABASE_URL).

Both run in turns in the organization with a fifth of all leads. A page that isn't full in the
smaller database is compared with as many rows of the larger one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import dj_database_url
from django.db import connection, connections

from benchmarks.large.fill import fill
from benchmarks.large.searches import DOCUMENTED, Figure, Search, measure, searches_of
from leads.models import Lead
from smscenter.accounts.models import User

ROUNDS = 15
RATIO = 1.2


class Database:
    """A database that statements can go to instead of the default one."""

    def __init__(self, url: str) -> None:
        settings = {**connection.settings_dict, **dj_database_url.parse(url)}
        settings["OPTIONS"] = connection.settings_dict["OPTIONS"]
        wrapper: Any = type(connections["default"])
        self.wrapper = wrapper(settings, "default")

    @contextmanager
    def instead(self) -> Iterator[None]:
        before = connections["default"]
        connections["default"] = self.wrapper
        try:
            yield
        finally:
            connections["default"] = before


def run() -> bool:
    """Return whether pages take at most RATIO times as long as in the smaller database."""
    if not (url := os.environ.get("SMALLER_DATABASE_URL")):
        print("  left out: SMALLER_DATABASE_URL names a database for a tenth of the leads")
        return True
    many, theirs = Lead.objects.count(), documented()
    smaller = Database(url)
    with smaller.instead():
        fill(many // 10)
        few, ours = Lead.objects.count(), documented()
    print(f"  {'':<62}{f'{few:,} leads':>20}{f'{many:,} leads':>20}{'ratio':>7}")
    ratios = []
    for small, large in zip(ours, theirs, strict=True):
        with smaller.instead():
            before = measure(small.page)
        after = measure(large.page)
        ratio = _ratio(small, large, smaller)
        ratios.append(ratio)
        print(
            f"  {large!s:<62}{_buffers(before)}{_buffers(after)}{ratio:7.2f}"
            f"{'' if ratio <= RATIO else '   missed'}"
        )
    met = max(ratios) <= RATIO
    print(f"  largest ratio {max(ratios):.2f}, at most {RATIO}: {'met' if met else 'missed'}")
    return met


def documented() -> list[Search]:
    user = User.objects.get(username="big-0")
    return list(searches_of(user))[:DOCUMENTED]


def _ratio(small: Search, large: Search, smaller: Database) -> float:
    """Return how much longer the page takes in the larger one: the ratio of the best times."""
    few, many = [], []
    with smaller.instead():
        size = small.read()
    for _ in range(ROUNDS):
        with smaller.instead():
            few.append(_seconds(small, size))
        many.append(_seconds(large, size))
    return min(many) / min(few)


def _seconds(search: Search, size: int) -> float:
    start = perf_counter()
    search.read(size=size)
    return perf_counter() - start


def _buffers(figure: Figure) -> str:
    return f"{figure.milliseconds or 0:9.1f} {figure.buffers:10,}"

"""Time several functions in turns, so that a busy moment of the machine affects all of them."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

from django.db import connection


def interleaved(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median of each function, in milliseconds. The first round only warms up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            begun = perf_counter()
            way()
            if number:
                taken[name].append((perf_counter() - begun) * 1000)
    return {name: median(times) for name, times in taken.items()}


def as_users_have_it() -> None:
    """Run ANALYZE on PostgreSQL, as its autovacuum does within minutes. On SQLite, don't."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def report(medians: Mapping[str, float], budget: float) -> None:
    """Print each median, and its ratio to the first one next to the limit."""
    base = next(iter(medians.values()))
    for name, milliseconds in medians.items():
        print(f"  {name:<40} {milliseconds:9.2f} ms   {milliseconds / base:5.2f}")
    print(f"  {'at most':<40} {'':>12}   {budget:5.2f}")

"""Time several functions in turns, so that other load on the machine affects them equally."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

from django.db import connection


def time_alternately(
    functions: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, float]:
    """Return the median of each function, in milliseconds. The first round is a warm-up."""
    timings: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, function in functions.items():
            start = perf_counter()
            function()
            if number:
                timings[name].append((perf_counter() - start) * 1000)
    return {name: median(times) for name, times in timings.items()}


def analyze() -> None:
    """Run ANALYZE on PostgreSQL, as its autovacuum does within minutes. SQLite may never run it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def report(medians: Mapping[str, float], budget: float) -> None:
    """Print each median and its ratio to the first one, and the limit."""
    base = next(iter(medians.values()))
    for name, milliseconds in medians.items():
        print(f"  {name:<40} {milliseconds:9.2f} ms   {milliseconds / base:5.2f}")
    print(f"  {'at most':<40} {'':>12}   {budget:5.2f}")

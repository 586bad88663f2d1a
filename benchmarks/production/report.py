"""Print what a run reached."""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import quantiles
from typing import Any

from django.db import connection

from benchmarks.production.load import OURS, Load

MOST_MEGABYTES = 150


def report(chosen: argparse.Namespace, load: Load, people: Mapping[str, Any]) -> bool:
    """Print all. Return whether there was no error, nothing lost, doubled, or too large."""
    carrier = load.counted
    where = f"{connection.vendor}{', behind PgBouncer' if chosen.pgbouncer else ''}"
    minutes = load.seconds / 60
    print(f"\n{chosen.sessions} people, {chosen.think:g} s a page, {minutes:.1f} min, {where}\n")
    print(f"  {'ms':<28}{'number':>8}{'median':>9}{'95 %':>9}{'99 %':>9}{'most':>9}")
    kinds = sorted(
        people["seconds"].items(), key=lambda each: (each[0].startswith("part"), each[0])
    )
    for name, seconds in kinds:
        _show_times(name, seconds)
    whole = [s for name, each in kinds if not name.startswith(("part", "completion")) for s in each]
    _show_times("all pages", whole)
    for name, seconds in carrier["seconds"].items():
        _show_times(f"callback: {name}", seconds)
    errors = Counter(people["errors"]) + Counter(carrier["errors"])
    refused = {name: number for name, number in errors.items() if "429" in name}
    failed = {name: number for name, number in errors.items() if "429" not in name}
    _show_rates(chosen, load)
    _show_counts("slow searches refused", refused)
    _show_counts("errors", failed)
    faults = load.site.faults()
    _show_counts("warnings and errors in the logs", faults)
    failed |= {name: number for name, number in faults.items() if name.startswith("error")}
    doubled = carrier["requests"] - carrier["texts"]
    lost, undelivered = load.lost(), load.undelivered()
    print(
        f"  texts: {load.queued:,} queued, {load.refused()} refused by us, {lost} lost,"
        f" {doubled} sent twice, {undelivered} not shown as delivered"
    )
    _show_cpu(load)
    largest = _show_memory(load)
    return not (failed or lost or doubled or undelivered) and largest <= MOST_MEGABYTES


def _show_times(name: str, seconds: list[float]) -> None:
    if len(seconds) < 2:
        return
    cuts = quantiles(seconds, n=100, method="inclusive")
    values = [f"{each * 1000:9,.0f}" for each in (cuts[49], cuts[94], cuts[98], max(seconds))]
    print(f"  {name:<28}{len(seconds):>8,}{''.join(values)}")


def _show_rates(chosen: argparse.Namespace, load: Load) -> None:
    at_end = load.at_end
    texts = at_end["texts"] / load.seconds
    callbacks = sum(map(len, at_end["seconds"].values())) / load.seconds
    print(f"\n  texts      {texts:6.0f} a second of {chosen.texts}")
    print(f"  callbacks  {callbacks:6.0f} a second of {chosen.callbacks}")
    if load.skipped:
        print(f"  {load.skipped:,} texts weren't queued, because too many were waiting")


def _show_counts(name: str, counts: Mapping[str, int]) -> None:
    print(f"  {name}: {sum(counts.values())}")
    for each, number in sorted(counts.items(), key=lambda item: -item[1])[:10]:
        print(f"    {number:6,} {each}")


def _show_cpu(load: Load) -> None:
    first, last = load.samples[0], load.samples[-1]
    seconds = last.at - first.at
    used = {role: (last.cpu[role] - first.cpu.get(role, 0)) / seconds for role in last.cpu}
    busy, most = (now - before for now, before in zip(last.machine, first.machine, strict=True))
    print("\n  cores used: ", end="")
    print(", ".join(f"{role} {part:.2f}" for role, part in sorted(used.items(), key=_by_part)))
    others = busy / seconds - sum(used.values())
    print(f"  of the machine's {most / seconds:.1f}, {max(0.0, others):.2f} for other programs")


def _by_part(item: tuple[str, float]) -> float:
    return -item[1]


def _show_memory(load: Load) -> float:
    """Print the memory at the start, at the end, and at most. Return the most."""
    largest = 0.0
    for role in OURS:
        most = max(max(sample.memory[role]) for sample in load.samples)
        first, last = (_megabytes(load.samples[n].memory[role]) for n in (0, -1))
        print(
            f"  memory of {role:<8} {first} at the start, {last} at the end, at most {most:.0f} MB"
        )
        largest = max(largest, most)
    return largest


def _megabytes(values: Iterable[float]) -> str:
    return " + ".join(f"{value:.0f}" for value in values)

"""CPU time and memory of process trees, from /proc."""

import os
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
# What reading about a process that has just ended raises.
GONE = (FileNotFoundError, ProcessLookupError)


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, of which the second is the parent."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _children() -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                found[int(_stat(int(entry.name))[1])].append(int(entry.name))
            except GONE:
                continue  # it has just ended
    return found


def children(pid: int) -> list[int]:
    return _children()[pid]


def command(pid: int) -> str:
    """Return the command line, empty if the process has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except GONE:
        return ""


def tree(root: int) -> list[int]:
    """Return the process and all below it, itself first."""
    below, found = _children(), [root]
    for pid in found:
        found += below[pid]
    return found


def cpu_seconds(root: int) -> float:
    """Return the CPU time of a tree, with that of processes that have ended."""
    total = 0
    for pid in tree(root):
        try:
            total += sum(map(int, _stat(pid)[11:15]))
        except GONE:
            continue
    return total / TICK


def megabytes(pid: int) -> float:
    """Return the resident memory of one process, 0 if it has ended."""
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE / 1024**2
    except GONE:
        return 0.0


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def machine_seconds() -> tuple[float, float]:
    """Return how long all cores together were busy, and how long they could have been."""
    values = [int(each) / TICK for each in (PROC / "stat").read_text().split("\n")[0].split()[1:9]]
    idle = values[3] + values[4]
    return sum(values) - idle, sum(values)


def machine() -> str:
    """Return what the machine is, in one line."""
    cpu = (PROC / "cpuinfo").read_text()
    model = next((x.partition(":")[2].strip() for x in cpu.split("\n") if "model name" in x), "?")
    memory = int((PROC / "meminfo").read_text().split()[1]) / 1024**2
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, load {load:.1f} before the start"

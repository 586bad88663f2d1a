"""Run the tests on SQLite and on PostgreSQL, both at the same time.

    python -m tests.on_both [ARGUMENT of pytest …]

Tests marked `once` run in a third process, which fills the time in which the other two wait. They
use no database, or only look at pages that are the same on both: settings and commands, started as
processes of their own; uploaded files; carriers' protocols; documents; and what pages look like.

The output of SQLite's tests is shown as it comes, that of the others after it. Exits with 0 if all
of them pass.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import with_postgres

SQLITE = "sqlite:///var/smscenter.sqlite3"
ON_BOTH, ONCE = "not once and not office", "once and not office"


def show(output: Path, process: subprocess.Popen[bytes]) -> int:
    """Print what a process has written and goes on writing until it ends. Return its exit code."""
    with output.open("rb") as file:
        while True:
            code = process.poll()
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.flush()
            if code is not None:
                return code
            time.sleep(0.1)


@contextmanager
def background(
    command: list[str], stop: signal.Signals, **environment: str
) -> Iterator[Callable[[], int]]:
    """Start a command and yield what shows its output. Whoever stops us stops the command."""
    with (
        tempfile.NamedTemporaryFile() as output,
        subprocess.Popen(
            command, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield lambda: show(Path(output.name), process)
        except SystemExit:
            process.send_signal(stop)
            raise


def run(arguments: list[str]) -> dict[str, int]:
    """Return the exit code of each run."""
    tests = [sys.executable, "-m", "pytest", "-m"]
    on_postgres = [sys.executable, with_postgres.__file__, *tests, ON_BOTH, *arguments]
    # Two runs on SQLite at a time have two files.
    name = f"{os.environ.get('TEST_DATABASE_NAME', 'test_smscenter')}_once"
    once = background(
        [*tests, ONCE, *arguments],
        signal.SIGINT,
        DATABASE_URL=SQLITE,
        TEST_DATABASE_NAME=name,
    )
    with background(on_postgres, signal.SIGTERM) as show_postgres, once as show_once:
        print(f"SQLite {sqlite3.sqlite_version}", flush=True)  # noqa: T201
        sqlite = with_postgres.run([*tests, ON_BOTH, *arguments], SQLITE)
        return {"SQLite": sqlite, "PostgreSQL": show_postgres(), "Once": show_once()}


def report(codes: dict[str, int]) -> int:
    """Print a verdict on each run. Return our own exit code."""
    passed, empty = pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED
    verdicts: dict[int, str] = {passed: "passed", empty: "no tests"}
    for name, code in codes.items():
        print(f"{name}: {verdicts.get(code, f'failed (exit code {code})')}")  # noqa: T201
    # A file may have tests of one kind only.
    return int(not (passed in codes.values() and verdicts.keys() >= set(codes.values())))


def main(arguments: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, with_postgres.stop)
    return report(run(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

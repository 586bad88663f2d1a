"""Run the tests on SQLite and PostgreSQL at the same time.

    python -m tests.on_both [ARGUMENT of pytest …]

Tests marked `once` run in two more processes, while the others wait for I/O: those with a browser
in one, the rest in the other. They can't reach the database (`tests/conftest.py` marks those), or
check what is the same on both: settings, commands that run as subprocesses, uploaded files, carrier
protocols, when a text is retried and who may send it, what pages and forms say and refuse, and how
they look and work in a browser. On both databases, each page is opened with rows
(`tests/test_tenancy.py`), each way to write a row is taken by a test of its own, and a browser test
runs in which several people, the worker, and the carrier write at the same time.

On PostgreSQL, tests that kill processes or use a browser have a run of their own: they mostly wait.

Each database is migrated once, and the runs on it work on copies.

Show the output of the SQLite run as it arrives, then the others'. Exit with 0 if all runs pass.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import with_postgres

SQLITE = "sqlite:///var/smscenter.sqlite3"
ON_BOTH, WORKING, WAITING, ONCE, BROWSER = (
    f"{when} and not office and not contract and not upgrades"
    for when in (
        "not once",
        "not once and not (faults or browser)",
        "not once and (faults or browser)",
        "once and not browser",
        "once and browser",
    )
)
# What each of these runs opens, because importing all tests takes several seconds.
BROWSER_TESTS = "tests/browser"
WAITING_TESTS = ["tests/faults", "tests/production", BROWSER_TESTS]
TESTS = Path(__file__).parent
MIGRATED = "migrated.sqlite3"
# The run of tests that run once takes longest, so the others leave it the processor.
YIELDING = ["nice", "-n", "5"]


def show(output: Path, process: subprocess.Popen[bytes]) -> int:
    """Print the output of a process until it ends. Return its exit code."""
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
    """Start a command, and yield a function that shows its output. Stop the command with us."""
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


def migrate(*databases: str) -> None:
    """Migrate databases at the same time. Migrating once saves each of the runs seconds."""
    command = [*YIELDING, sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"]
    with ExitStack() as stack:
        shows = [
            stack.enter_context(background(command, signal.SIGTERM, DEBUG="on", DATABASE_URL=url))
            for url in databases
        ]
        if any(show() for show in shows):
            sys.exit("A database couldn't be migrated.")


def create_databases(stack: ExitStack, folder: Path) -> list[dict[str, str]]:
    """Migrate both databases, and copy them. Return the environment of each run on PostgreSQL."""
    server = with_postgres.start_server(stack)
    # All may be on one server.
    name = os.environ.get("TEST_DATABASE_NAME", "test_smscenter")
    template = f"{name}_migrated"
    migrated = folder / MIGRATED
    on_postgres = stack.enter_context(with_postgres.database(server, template))
    migrate(f"sqlite:///{migrated}", on_postgres)
    for copy in ("sqlite", "once", "browser"):
        shutil.copy(migrated, folder / f"{copy}.sqlite3")
    names = [name, f"{name}_faults"]
    for each in names:
        stack.enter_context(with_postgres.database(server, each, template=template))
    common = {"TEST_DATABASE_URL": server, "MIGRATED_TEMPLATE": template}
    return [common | {"TEST_DATABASE_NAME": each} for each in names]


def run_once() -> list[str]:
    """Return options for the other runs: don't open files whose tests all run once."""
    return [
        f"--ignore={path}"
        for path in sorted(TESTS.rglob("test_*.py"))
        if re.search(r"^pytestmark = .*\bpytest\.mark\.once\b", path.read_text(), re.MULTILINE)
    ]


def run(arguments: list[str]) -> dict[str, int]:
    """Return the exit code of each run."""
    tests = [sys.executable, "-m", "pytest", "-m"]
    on_postgres = [*YIELDING, sys.executable, with_postgres.__file__, *tests]
    # A few tests start sooner with a database of their own, and in one process.
    chosen = arguments or ["--reuse-db"]
    working = arguments or ["--reuse-db", *run_once()]

    def once(name: str, *command: str) -> AbstractContextManager[Callable[[], int]]:
        # Tests of this file use the server that's running.
        server = {key: environments[0][key] for key in ("TEST_DATABASE_URL",) if environments[0]}
        return background(
            [*command, *chosen],
            signal.SIGINT,
            DATABASE_URL=SQLITE,
            TEST_DATABASE_NAME=f"{folder}/{name}",
            MIGRATED_DATABASE=f"{folder}/{MIGRATED}",
            **server,
        )

    with ExitStack() as stack:
        start = stack.enter_context
        folder = start(tempfile.TemporaryDirectory())
        runs = {"PostgreSQL": [ON_BOTH, *arguments]}
        environments: list[dict[str, str]] = [{}]
        if not arguments:
            waiting = [WAITING, *working, *WAITING_TESTS]
            runs = {"PostgreSQL": [WORKING, *working], "Faults": waiting}
            environments = create_databases(stack, Path(folder))
        shows = {
            name: start(background([*on_postgres, *options], signal.SIGTERM, **environment))
            for (name, options), environment in zip(runs.items(), environments, strict=True)
        }
        shows["Once"] = start(once("once", *tests, ONCE))
        places = [] if arguments else [BROWSER_TESTS]
        shows["Browser"] = start(once("browser", *YIELDING, *tests, BROWSER, *places))
        print(f"SQLite {sqlite3.sqlite_version}", flush=True)  # noqa: T201
        command = [*YIELDING, *tests, ON_BOTH, *working]
        code = with_postgres.run(command, SQLITE, TEST_DATABASE_NAME=f"{folder}/sqlite")
        return {"SQLite": code} | {name: show() for name, show in shows.items()}


def report(codes: dict[str, int]) -> int:
    """Print the result of each run. Return the exit code for all of them."""
    passed, empty = pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED
    verdicts: dict[int, str] = {passed: "passed", empty: "no tests"}
    for name, code in codes.items():
        print(f"{name}: {verdicts.get(code, f'failed (exit code {code})')}")  # noqa: T201
    # A file may have no tests for one of the runs.
    return int(not (passed in codes.values() and verdicts.keys() >= set(codes.values())))


def main(arguments: list[str]) -> int:
    # Without bytecode, each of the hundred processes that tests start compiles the project again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, with_postgres.stop)
    return report(run(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

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

All tests are collected once, by a process that forks the runs (`tests/runs.py`). Meanwhile, each
database is migrated once, and the runs on it work on copies.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests import with_postgres

SQLITE = "sqlite:///var/smscenter.sqlite3"
MIGRATED = "migrated.sqlite3"
# Tests roll back nearly all rows, look at nobody's activity, and analyze what has to be.
UNUSED = {"autovacuum": "off", "track_activities": "off", "update_process_title": "off"}


def migrate(*databases: str) -> None:
    """Migrate databases at the same time. Migrating once saves each of the runs seconds."""
    command = [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"]
    with ExitStack() as stack:
        start = partial(subprocess.Popen, command)
        processes = [
            stack.enter_context(start(env=os.environ | {"DEBUG": "on", "DATABASE_URL": url}))
            for url in databases
        ]
        if any(process.wait() for process in processes):
            sys.exit("A database couldn't be migrated.")


def create_databases(stack: ExitStack, server: str, folder: Path, name: str) -> None:
    """Migrate both databases, and copy them for the runs."""
    template = f"{name}_migrated"
    migrated = folder / MIGRATED
    migrate(f"sqlite:///{migrated}", stack.enter_context(with_postgres.database(server, template)))
    for copy in ("sqlite", "once", "browser"):
        shutil.copy(migrated, folder / f"{copy}.sqlite3")
    for each in (name, f"{name}_faults"):
        stack.enter_context(with_postgres.database(server, each, template=template))


def environments(server: str, folder: Path, name: str, *, migrated: bool) -> dict[str, object]:
    """Return what is in the environment of each run."""
    # Tests of this file use the server that's running.
    common = {"TEST_DATABASE_URL": server}
    on_sqlite = common | {"DATABASE_URL": SQLITE}
    on_postgres = common | {"DATABASE_URL": server}
    if migrated:
        on_sqlite |= {"MIGRATED_DATABASE": str(folder / MIGRATED)}
        on_postgres |= {"MIGRATED_TEMPLATE": f"{name}_migrated"}
    return {
        "SQLite": on_sqlite | {"TEST_DATABASE_NAME": f"{folder}/sqlite"},
        "PostgreSQL": on_postgres | {"TEST_DATABASE_NAME": name},
        "Faults": on_postgres | {"TEST_DATABASE_NAME": f"{name}_faults"},
        "Once": on_sqlite | {"TEST_DATABASE_NAME": f"{folder}/once"},
        "Browser": on_sqlite | {"TEST_DATABASE_NAME": f"{folder}/browser"},
    }


def run(arguments: list[str]) -> int:
    """Return the exit code of all runs."""
    # Others may use the same server.
    name = os.environ.get("TEST_DATABASE_NAME", "test_smscenter")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = with_postgres.start_server(stack, **UNUSED)
        print(f"SQLite {sqlite3.sqlite_version}", flush=True)  # noqa: T201
        # A few tests start sooner with a database of their own.
        command = [sys.executable, "-m", "tests.runs", *(arguments or ["--reuse-db"])]
        with with_postgres.start(command, SQLITE, stdin=subprocess.PIPE) as process:
            if not arguments:
                create_databases(stack, server, folder, name)
            chosen = environments(server, folder, name, migrated=not arguments)
            process.communicate(json.dumps([str(folder), chosen]))
        return process.returncode


def main(arguments: list[str]) -> int:
    # Without bytecode, each of the hundred processes that tests start compiles the project again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, with_postgres.stop)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

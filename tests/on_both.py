"""Run the tests on SQLite and on PostgreSQL, both at the same time: each keeps one core busy.

    python -m tests.on_both [ARGUMENT of pytest …]

What SQLite's say is shown as it comes, what PostgreSQL's say after it. Exits with 0 if both pass.
"""

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import with_postgres

SQLITE = "sqlite:///var/smscenter.sqlite3"


def show(said: Path, process: subprocess.Popen[bytes]) -> int:
    """What a process has written, and goes on writing until it ends; answers its exit code."""
    with said.open("rb") as file:
        while True:
            code = process.poll()
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.flush()
            if code is not None:
                return code
            time.sleep(0.1)


def run(tests: list[str]) -> dict[str, int]:
    """The exit code of each. Whoever stops us stops both."""
    with tempfile.NamedTemporaryFile() as said:
        on_postgres = [sys.executable, with_postgres.__file__, *tests]
        with subprocess.Popen(on_postgres, stdout=said, stderr=subprocess.STDOUT) as postgres:
            try:
                print(f"SQLite {sqlite3.sqlite_version}", flush=True)  # noqa: T201
                sqlite = with_postgres.run(tests, SQLITE)
                return {"SQLite": sqlite, "PostgreSQL": show(Path(said.name), postgres)}
            except SystemExit:
                postgres.terminate()
                raise


def main(arguments: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, with_postgres.stop)
    codes = run([sys.executable, "-m", "pytest", *arguments])
    for name, code in codes.items():
        print(f"{name}: {f'failed (exit code {code})' if code else 'passed'}")  # noqa: T201
    return int(any(codes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

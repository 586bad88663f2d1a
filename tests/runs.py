"""Collect tests once, and run them in several processes at the same time.

    python -m tests.runs [ARGUMENT of pytest …]

Read a line of JSON: a folder for the output, and each run's name and environment. The line comes
when the databases are there (`tests/on_both.py`). Until then, import and collect all tests. Then
fork a process for each run, which has nothing left to import and keeps the tests that are its own.

Show the output of the first run as it arrives, then the others'. Exit with 0 if all runs pass.
"""

import json
import os
import runpy
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils.log import configure_logging


def runs_of(marks: Iterable[str]) -> set[str]:
    """Return the names of the runs that a test with these marks is in."""
    marks = {*marks}
    if "once" in marks:
        return {"Browser" if "browser" in marks else "Once"}
    return {"SQLite", "Faults" if marks & {"faults", "browser"} else "PostgreSQL"}


def use_database() -> None:
    """Let Django use the database of the environment, which has changed since it started."""
    path = sys.modules["smscenter.settings"].__file__
    assert path is not None
    settings.DATABASES = runpy.run_path(path)["DATABASES"]
    connections.settings = connections.configure_settings(settings.DATABASES)
    connections["default"] = connections.create_connection("default")


class Run:
    """A process that is forked now. Its `pid` is 0 in the new process, as after `os.fork`."""

    def __init__(self, name: str, output: Path) -> None:
        self.name = name
        self.output = output
        self.output.touch()
        self.code: int | None = None
        self.pid = os.fork()

    def prepare(self, session: pytest.Session, environment: dict[str, str]) -> None:
        """Let this new process be the run."""
        os.setpgid(0, 0)  # Ctrl-C is for the process that waits for this one
        # These take longest in one process, so the others leave them the processor: at the end, the
        # browser's processes use what several processors have.
        os.nice(0 if self.name in {"Once", "SQLite"} else 5)
        # Files of the capture are shared with the other runs, too.
        capture = session.config.pluginmanager.getplugin("capturemanager")
        assert capture is not None
        capture.stop_global_capturing()
        with self.output.open("wb") as file:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
        os.environ.update(environment)
        capture.start_global_capturing()
        if settings.configured:
            use_database()
            configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)  # to the new sys.stderr
        capture.suspend_global_capture()
        session.items = [
            item
            for item in session.items
            if self.name in runs_of(mark.name for mark in item.iter_markers())
        ]
        session.testscollected = len(session.items)

    def show(self) -> None:
        """Print its output until it ends."""
        with self.output.open("rb") as file:
            while self.code is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.flush()
                if pid:
                    self.code = os.waitstatus_to_exitcode(status)
                else:
                    time.sleep(0.1)


class Forks:
    """A plugin of pytest: fork the runs when all tests are collected, and wait for them."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Return None for pytest to run the tests of this process."""
        if session.testsfailed:
            return None  # pytest says what couldn't be collected
        plugins = session.config.pluginmanager
        capture = plugins.getplugin("capturemanager")
        assert capture is not None
        capture.suspend_global_capture(in_=True)
        folder, environments = json.loads(sys.stdin.readline())
        try:
            for name, environment in environments.items():
                run = Run(name, Path(folder, name))
                if run.pid == 0:
                    self.runs.clear()
                    run.prepare(session, environment)
                    return None
                self.runs.append(run)
            plugins.unregister(name="terminalreporter")  # it would say that no tests ran
            self.show()
        except KeyboardInterrupt:
            for run in self.runs:
                if run.code is None:
                    os.kill(run.pid, signal.SIGINT)
            self.show()
            raise
        return True

    def show(self) -> None:
        for run in self.runs:
            run.show()


def report(codes: dict[str, int]) -> int:
    """Print the result of each run. Return the exit code for all of them."""
    passed, empty = pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED
    verdicts: dict[int, str] = {passed: "passed", empty: "no tests"}
    for name, code in codes.items():
        print(f"{name}: {verdicts.get(code, f'failed (exit code {code})')}")  # noqa: T201
    # A file may have no tests for one of the runs.
    return int(not (passed in codes.values() and verdicts.keys() >= set(codes.values())))


def main(arguments: list[str]) -> int:
    forks = Forks()
    code = pytest.main(arguments, plugins=[forks])
    codes = {run.name: run.code for run in forks.runs if run.code is not None}
    return report(codes) if codes else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

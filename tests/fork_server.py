"""Run Python in a new process that has imported Django, but nothing of this project.

Starting Python again takes much longer, for it imports Django and other packages each time.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

ROOT = Path(__file__).parent.parent
# Import what is large. None of it reads settings.
IMPORTS = """
import babel.dates, babel.numbers, cryptography.hazmat.backends.openssl, csp.constants
import django.contrib.admin.views.main, django.contrib.postgres.search
import django.core.management.commands.migrate, django.db.backends.sqlite3.base
import django.db.migrations.writer, django.db.models.sql.compiler, django.forms, django.test
import django_filters.exceptions, django_stubs_ext, django_tasks.backends, environs
import fido2.server, fido2.webauthn, lxml.etree, markdown_it, packaging.version
import phonenumbers.timezone, PIL.Image, psycopg, python_ipware, qrcode, smtplib, sqlite3
import statistics, structlog.dev, urllib3, whitenoise.media_types

babel.Locale("en").territories  # reads a large file
"""
# Read one job a line, and fork twice for each: a process that does it, and one that waits for it.
SERVE = """
import faulthandler, gc, json, os, runpy, signal, sys

def write(path, number):
    with open(f"{path}.new", "w") as file:
        file.write(str(number))
    os.rename(f"{path}.new", path)

gc.collect()
gc.freeze()  # no process looks for garbage among these modules
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in open(0):
    arguments, environment, stdin, folder = json.loads(line)
    if os.fork():
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if child := os.fork():
        write(f"{folder}/pid", child)
        write(f"{folder}/code", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        os._exit(0)
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    for number, name in enumerate(["stdout", "stderr"], 1):
        os.dup2(os.open(f"{folder}/{name}", os.O_RDWR | os.O_APPEND), number)
    sys.stdout.reconfigure(line_buffering=True)
    faulthandler.enable(2)
    os.environ.clear()
    os.environ.update(environment)
    first, *rest = arguments
    if first == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(rest[0], {"__name__": "__main__"})
    elif first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(first, run_name="__main__")
    break
"""


class Server:
    """A process that forks others. This one has imported Django, but nothing of this project."""

    jobs: IO[str]

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | Process = subprocess.Popen(
            [sys.executable, "-c", IMPORTS + SERVE],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests; this process ends after them
        )
        assert self.process.stdin is not None
        self.jobs = self.process.stdin

    def close(self) -> None:
        """Wait until it has ended, as it does without a process that can send it jobs."""
        self.jobs.close()
        self.process.wait()


class Prepared(Server):
    """A server that has also run this code, in this environment."""

    def __init__(self, code: str, environment: dict[str, str]) -> None:
        self.folder = TemporaryDirectory()
        jobs = Path(self.folder.name, "jobs")
        os.mkfifo(jobs)
        # For reading, too, because otherwise it would wait for a reader here.
        self.jobs = os.fdopen(os.open(jobs, os.O_RDWR), "w")
        self.process = Process(["-c", code + SERVE], environment, stdin=jobs)


@cache
def _server() -> Server:
    server = Server()
    atexit.register(server.close)
    return server


class Process:
    """A process of a fork server, with what tests use of `subprocess.Popen`.

    `arguments` are those of Python's command line. Nothing but `environment` is in its environment.
    """

    def __init__(
        self,
        arguments: list[str],
        environment: dict[str, str],
        server: Server | None = None,
        stdin: Path = Path(os.devnull),
    ) -> None:
        self.arguments = arguments
        self.folder = TemporaryDirectory()
        self.out, self.err, self.code, pid = (
            Path(self.folder.name, name) for name in ("stdout", "stderr", "code", "pid")
        )
        # So that they can be read before the process has opened them.
        self.out.touch()
        self.err.touch()
        server = server or _server()
        job = [arguments, environment, str(stdin), self.folder.name]
        print(json.dumps(job), file=server.jobs, flush=True)
        while not pid.exists():
            assert server.process.poll() is None, "The fork server has ended."
            time.sleep(0.001)
        self.pid = int(pid.read_text())

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return int(self.code.read_text()) if self.code.exists() else None

    def wait(self, timeout: float = 180) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.arguments, timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def stacks(self) -> str:
        """End it, and return where each of its threads was."""
        self.send_signal(signal.SIGABRT)
        self.wait()
        return self.err.read_text()

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments and nothing but this environment, until it ends."""
    process = Process(arguments, environment)
    code = process.wait()
    return subprocess.CompletedProcess(
        arguments, code, process.out.read_text(), process.err.read_text()
    )

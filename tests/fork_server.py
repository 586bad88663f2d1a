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

ROOT = Path(__file__).parent.parent
# Read one job a line, and fork twice for each: a process that does it, and one that prints its PID
# and waits for its exit code. None of the imports reads settings.
SERVER = """
import faulthandler, gc, json, os, runpy, signal, sys
import babel.dates, babel.numbers, cryptography.hazmat.backends.openssl, csp.constants
import django.contrib.admin.options, django.core.management.commands.migrate, django.db.models
import django.forms, django.test, django_stubs_ext, environs, fido2.webauthn, lxml.etree
import markdown_it, phonenumbers.timezone, PIL.Image, psycopg, qrcode, smtplib, sqlite3
import statistics, structlog.dev, urllib3

babel.Locale("en").territories  # reads a large file
gc.collect()
gc.freeze()  # no process looks for garbage among these modules
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    arguments, environment, out, err, code = json.loads(line)
    if os.fork():
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if child := os.fork():
        print(child, flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with open(f"{code}.new", "w") as file:
            file.write(str(status))
        os.rename(f"{code}.new", code)
        os._exit(0)
    for number, path in enumerate([os.devnull, out, err]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
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


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; this process ends after them
    )
    atexit.register(server.communicate)
    return server


class Process:
    """A process of the fork server, with what tests use of `subprocess.Popen`.

    `arguments` are those of Python's command line. Nothing but `environment` is in its environment.
    """

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.arguments = arguments
        self.folder = TemporaryDirectory()
        self.out, self.err, self.code = (
            Path(self.folder.name, name) for name in ("stdout", "stderr", "code")
        )
        # So that they can be read before the process has opened them.
        self.out.touch()
        self.err.touch()
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        job = [arguments, environment, *map(str, (self.out, self.err, self.code))]
        print(json.dumps(job), file=server.stdin, flush=True)
        self.pid = int(server.stdout.readline())

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

"""`manage.py run` starts everything together, and stops everything when it ends."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from io import StringIO
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from smscenter.demo.processes import Group
from smscenter.management.commands import run
from tests import fork_server

pytestmark = pytest.mark.once
ROOT = Path(run.__file__).parents[3]
README = ROOT / "README.md"
SETTINGS = "DJANGO_SETTINGS_MODULE"
SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
DEADLINE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def web(port: int) -> tuple[str, ...]:
    """Return the command of a server that stands in for the real one."""
    code = (
        "from http.server import *\n"
        "class Ok(BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        "    def log_message(self, *_): pass\n"
        f"HTTPServer(('127.0.0.1', {port}), Ok).serve_forever()"
    )
    return (sys.executable, "-c", code)


def command() -> run.Command:
    return run.Command(stdout=StringIO())


def test_leaving_the_group_stops_its_processes() -> None:
    with Group({"one": SLEEPER, "two": SLEEPER}) as group:
        assert group.ended() == ""
        pids = [process.pid for process in group.running.values()]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))


def test_a_missing_command_stops_the_other_processes() -> None:
    group = Group({"one": SLEEPER, "two": ("/nowhere/to/be/found",)})
    with pytest.raises(FileNotFoundError), group:
        pass
    assert [process.poll() is None for process in group.running.values()] == [False]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_when_one_process_ends_the_others_are_stopped() -> None:
    port = free_port()
    # It ends two seconds after the web server is up, so that a check every 0.2 seconds sees that.
    code = (
        "import socket, sys, time\n"
        "while socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1]))): time.sleep(0.05)\n"
        "time.sleep(2); sys.exit(3)"
    )
    fails = (sys.executable, "-c", code, str(port))
    with pytest.raises(CommandError, match=r"worker \(exit code 3\) ended"):
        command().supervise({"web": web(port), "worker": fails}, {}, f"http://127.0.0.1:{port}")
    run.refuse_if_taken("127.0.0.1", port, "")


class Terminating(StringIO):
    """Send this process SIGTERM when the welcome is printed."""

    def write(self, text: str) -> int:
        if "Press Ctrl-C to stop" in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


def test_sigterm_stops_the_processes() -> None:
    port, out = free_port(), Terminating()
    processes = {"web": web(port), "worker": SLEEPER}
    run.Command(stdout=out).supervise(processes, {}, f"http://127.0.0.1:{port}")
    assert out.getvalue() == "Stopped.\n"
    run.refuse_if_taken("127.0.0.1", port, "")


def test_a_process_that_cannot_start_is_named() -> None:
    fails = (sys.executable, "-c", "raise SystemExit(4)")
    with pytest.raises(CommandError, match=r"Couldn't start: web \(exit code 4\)"):
        command().supervise({"web": fails}, {}, f"http://127.0.0.1:{free_port()}")


def test_a_taken_port_is_a_plain_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} on 127.0.0.1 is taken"):
            run.refuse_if_taken("127.0.0.1", port, "make run PORT=1")


def test_run_requires_debug(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="for a trial only"):
        call_command("run")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_run_refuses_to_listen_on_public_addresses(settings: Settings, host: str) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match=f"can't listen on {host}"):
        call_command("run", "--host", host)


def test_make_run_turns_on_debug_and_make_setup_writes_no_settings(tmp_path: Path) -> None:
    """Production would read the same .env."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".runtime").touch()
    before = sorted(tmp_path.iterdir())
    subprocess.run(["make", "setup"], cwd=tmp_path, check=True)
    assert sorted(tmp_path.iterdir()) == before
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "DEBUG=on .venv/bin/python manage.py run\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database path. The first run creates the database, and later ones reuse it.

    In `make test`, all tables but one are there: creating them takes many CPU seconds, and
    `tests/on_both.py` has done it with the same command.
    """
    path = tmp_path_factory.mktemp("run") / "run.sqlite3"
    if (migrated := Path(os.environ.get("MIGRATED_DATABASE", ""))).is_file():
        shutil.copy(migrated, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP TABLE django_session")
            connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    return path


@pytest.fixture
def running(database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start everything with its own database and ports."""
    port, sandbox_port = free_port(), free_port()
    environment = {
        **os.environ,
        "DEBUG": "on",
        "DATABASE_URL": f"sqlite:///{database}",
        "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "PORT": str(port),
    }
    environment.pop("PUBLIC_URL", None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if words in line:
            return output
    raise AssertionError(output)


def group_is_empty(leader: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(leader, 0)
        return False
    return True


@pytest.mark.faults
def test_everything_starts_and_ctrl_c_stops_it(
    running: tuple[subprocess.Popen[str], str], database: Path
) -> None:
    process, url = running
    output = read_until(process, "Press Ctrl-C to stop")
    assert url in output
    assert "rep / rep" in output
    page = build_opener(ProxyHandler({})).open(f"{url}/sign-in/", timeout=30)
    assert page.status == 200
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT * FROM django_session").fetchall() == []
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    rest = process.communicate(timeout=DEADLINE)[0]
    assert process.returncode == 0, rest
    assert "Traceback" not in output + rest
    deadline = time.monotonic() + DEADLINE
    while not group_is_empty(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group_is_empty(process.pid)


def has_leads(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
        return bool(connection.execute("SELECT 1 FROM leads_lead LIMIT 1").fetchone())
    return False


def test_the_readmes_search_command_finds_failures(database: Path) -> None:
    (command,) = re.findall(r"^ +(.+manage\.py search .+)$", README.read_text(), re.MULTILINE)
    bare = {name: value for name, value in os.environ.items() if name not in {"DEBUG", SETTINGS}}
    environment = bare | {"DATABASE_URL": f"sqlite:///{database}"}
    if not has_leads(database):
        for other in (["migrate", "--verbosity=0"], ["demo", "--leads=20"]):
            subprocess.run(
                [sys.executable, "manage.py", *other],
                cwd=ROOT,
                env=environment | {"DEBUG": "on"},
                check=True,
            )
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^[1-9]\d* found$", done.stdout, re.MULTILINE)


def test_a_failed_request_is_logged_once() -> None:
    code = "import django; django.setup(); from django.test import Client; "
    done = fork_server.run(
        ["-c", f"{code} Client(SERVER_NAME='localhost').get('/nothing/')"],
        os.environ | {"DJANGO_SETTINGS_MODULE": "smscenter.settings", "DEBUG": "on"},
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("/nothing/") == 1

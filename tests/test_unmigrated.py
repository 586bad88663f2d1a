"""Commands on a database without tables say what to do, and show no traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import empty_database

ROOT = Path(__file__).parent.parent
COMMANDS = [
    ["demo"],
    ["rollups"],
    ["search", "status:new", "--organization", "demo", "--user", "rep"],
    ["worker"],
    ["worker", "--once"],
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database(tmp_path_factory.mktemp("empty"), "empty") as url:
        yield url


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(url, "manage.py", *arguments)


def python(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "on", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_empty_database_is_a_plain_error_with_the_command_to_run(
    url: str, command: list[str]
) -> None:
    done = manage(url, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "manage.py migrate" in done.stderr


@pytest.mark.once
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[2]], ids=lambda command: command[0])
def test_an_unreachable_database_is_a_plain_error(tmp_path: Path, command: list[str]) -> None:
    done = manage(f"sqlite:///{tmp_path}/missing/folder.sqlite3", *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "Error: The database can't be reached:" in done.stderr


# The applied migrations of a database from before migrations were squashed.
MAKE_OLD = """
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

recorder = MigrationRecorder(connection)
recorder.ensure_schema()
for app, name in MigrationLoader(None).graph.nodes:
    if app not in {"leads", "messaging", "support"} or name == "0001_initial":
        recorder.record_applied(app, name)
for app in ("leads", "messaging", "support"):
    recorder.record_applied(app, "0002_same_organization")
"""
MESSAGE = (
    "This database was created before the first release and can't be upgraded. For the demo, run "
    "`make clean`, which deletes it. Otherwise, export your data and start with an empty database."
)


@pytest.fixture(scope="module")
def old_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database(tmp_path_factory.mktemp("old"), "old") as url:
        assert manage(url, "shell", "--no-imports", "-c", MAKE_OLD).returncode == 0
        yield url


@pytest.mark.parametrize("command", [["migrate"], ["run", "--port=0"], ["worker"]])
def test_an_outdated_database_is_a_plain_error_with_instructions(
    old_url: str, command: list[str]
) -> None:
    done = manage(old_url, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert MESSAGE in done.stderr


@pytest.mark.parametrize(
    "server",
    [["-c", "import smscenter.asgi"], ["-m", "gunicorn", "smscenter.wsgi", "--bind=127.0.0.1:0"]],
    ids=["asgi", "gunicorn"],
)
def test_an_outdated_database_stops_the_web_server(old_url: str, server: list[str]) -> None:
    done = python(old_url, *server)
    assert done.returncode == 4
    assert "Traceback" not in done.stdout + done.stderr
    assert MESSAGE in done.stderr


def test_the_web_server_starts_with_an_empty_or_unreachable_database(
    url: str, tmp_path: Path
) -> None:
    for database_url in (url, f"sqlite:///{tmp_path}/missing/folder.sqlite3"):
        assert python(database_url, "-c", "import smscenter.wsgi").returncode == 0

"""Commands on a database without tables say what to do, and show no traceback."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import fork_server
from tests.databases import empty_database
from tests.test_run import free_port

pytestmark = pytest.mark.own_database

ROOT = Path(__file__).parent.parent
# Run the commands of the arguments, one per line, in one process.
RUN_ALL = """
import shlex
import sys
from contextlib import redirect_stderr
from io import StringIO
from django.core.management import execute_from_command_line

for command in sys.argv[1:]:
    error, code = StringIO(), 0
    try:
        with redirect_stderr(error):
            execute_from_command_line(["manage.py", *shlex.split(command)])
    except SystemExit as stop:
        code = stop.code
    print(code, error.getvalue())
"""
COMMANDS = [
    "demo",
    "rollups",
    "search status:new --organization demo --user rep",
    "worker",
    "worker --once",
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database(tmp_path_factory.mktemp("empty"), "empty") as url:
        yield url


def manage(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(url, "manage.py", *arguments)


def python(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "DEBUG": "on",
        "DATABASE_URL": url,
        "SANDBOX_URL": f"http://127.0.0.1:{free_port()}",
    }
    return fork_server.run([*arguments], os.environ | environment)


def test_an_empty_database_is_a_plain_error_with_the_command_to_run(url: str) -> None:
    done = python(url, "-c", RUN_ALL, *COMMANDS)
    assert "Traceback" not in done.stdout + done.stderr
    assert re.findall(
        r"^(\d) CommandError: .* Run `manage\.py migrate` first\.$", done.stdout, re.MULTILINE
    ) == ["1" for _ in COMMANDS], done.stdout


@pytest.mark.once
def test_an_unreachable_database_is_a_plain_error(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/missing/folder.sqlite3"
    done = python(url, "-c", RUN_ALL, COMMANDS[0], COMMANDS[2])
    assert "Traceback" not in done.stdout + done.stderr
    assert re.findall(
        r"^(\d) .*Error: The database can't be reached:", done.stdout, re.MULTILINE
    ) == [
        "1",
        "1",
    ], done.stdout


# The applied migrations of a database from before the first release.
MAKE_OLD = """
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

recorder = MigrationRecorder(connection)
recorder.ensure_schema()
for app, name in MigrationLoader(None, replace_migrations=False).graph.nodes:
    if app not in {"leads", "messaging", "support"} or name == "0001_initial":
        recorder.record_applied(app, name)
for app in ("leads", "messaging", "support"):
    recorder.record_applied(app, "0002_same_organization")
"""
GUNICORN = ["-m", "gunicorn", "smscenter.wsgi", "--bind=127.0.0.1:0"]
MESSAGE = (
    "This database was created before the first release and can't be upgraded. For the demo, run "
    "`make clean`, which deletes it. Otherwise, export your data and start with an empty database."
)


@pytest.fixture(scope="module")
def old_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with empty_database(tmp_path_factory.mktemp("old"), "old") as url:
        assert manage(url, "shell", "--no-imports", "-c", MAKE_OLD).returncode == 0
        yield url


@pytest.mark.once
def test_an_outdated_database_is_a_plain_error_with_instructions(old_url: str) -> None:
    done = python(old_url, "-c", RUN_ALL, "migrate", "run --port=0", "worker")
    assert "Traceback" not in done.stdout + done.stderr
    assert re.findall(r"^\d", done.stdout, re.MULTILINE) == ["1", "1", "1"]
    assert done.stdout.count(f"CommandError: {MESSAGE}") == 3, done.stdout


@pytest.mark.once
@pytest.mark.parametrize(
    "server",
    [["-c", "import smscenter.asgi"], GUNICORN, [*GUNICORN, "--workers=1"]],
    ids=["asgi", "gunicorn", "one worker"],
)
def test_an_outdated_database_stops_the_web_server(old_url: str, server: list[str]) -> None:
    done = python(old_url, *server)
    assert done.returncode == 4
    assert "Traceback" not in done.stdout + done.stderr
    assert MESSAGE in done.stderr


@pytest.mark.once
def test_the_web_server_starts_with_an_empty_or_unreachable_database(
    url: str, tmp_path: Path
) -> None:
    for database_url in (url, f"sqlite:///{tmp_path}/missing/folder.sqlite3"):
        assert python(database_url, "-c", "import smscenter.wsgi").returncode == 0

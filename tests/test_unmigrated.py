"""Commands on a database without tables say what to do; they end in no traceback."""

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
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "on", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_empty_database_is_a_sentence_that_says_what_to_run(
    url: str, command: list[str]
) -> None:
    done = manage(url, *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "manage.py migrate" in done.stderr


@pytest.mark.once
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[2]], ids=lambda command: command[0])
def test_a_database_that_is_away_is_a_sentence(tmp_path: Path, command: list[str]) -> None:
    done = manage(f"sqlite:///{tmp_path}/missing/folder.sqlite3", *command)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "Error: The database can't be reached:" in done.stderr

"""Tests on PostgreSQL run, or fail and say what is missing. None is skipped."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests import with_postgres

pytestmark = pytest.mark.once
SCRIPT = Path(with_postgres.__file__)
QUERY = (
    "import os, psycopg; "
    "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 6 * 7').fetchone()[0])"
)
WAIT = "import os; print(os.environ['DATABASE_URL']); input()"


def not_found() -> None:
    return None


def test_the_packages_postgresql_is_used_when_none_is_installed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The exit code is the command's."""
    monkeypatch.setattr(with_postgres, "system_binaries", not_found)
    with ExitStack() as stack:
        url = with_postgres.start_cluster(stack)
        command = [sys.executable, "-c", f"{QUERY}; raise SystemExit(3)"]
        assert with_postgres.run(command, url) == 3
    output = capfd.readouterr().out.splitlines()
    assert output[0].startswith("PostgreSQL ")
    assert output[1] == "42"


def test_a_missing_postgresql_is_a_plain_error_with_instructions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(with_postgres, "system_binaries", not_found)
    monkeypatch.setattr(with_postgres, "package_binaries", not_found)
    stack = ExitStack()
    with pytest.raises(SystemExit, match="apt-get install postgresql") as raised:
        with_postgres.start_cluster(stack)
    assert "\n" not in str(raised.value)


def test_an_unreachable_database_fails() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "true"],
        env=os.environ | {"TEST_DATABASE_URL": "postgres://127.0.0.1:1/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("TEST_DATABASE_URL: ")


def test_stopping_the_command_leaves_nothing_behind() -> None:
    process = subprocess.Popen(
        [sys.executable, SCRIPT, sys.executable, "-u", "-c", WAIT],
        env=os.environ | {"TEST_DATABASE_URL": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("PostgreSQL ")
        directory = Path(unquote(urlsplit(process.stdout.readline()).netloc.partition("@")[2]))
        assert (directory / "data").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    assert not directory.exists()

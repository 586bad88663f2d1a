"""`manage.py check --deploy` fails on unsafe settings instead of only warning."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import fork_server
from tests.test_settings import PRODUCTION, python

pytestmark = pytest.mark.once


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check --deploy` as an operator does."""
    code = (
        "import sys; sys.argv = ['manage.py', 'check', '--deploy']\n"
        "import runpy; runpy.run_path('manage.py', run_name='__main__')"
    )
    return python(code, **PRODUCTION | environment)


def test_unsafe_settings_fail_the_deployment_check(tmp_path: Path) -> None:
    """A file that others can read, and a weak key, no proxies, and a sandbox that sends nothing."""
    database = tmp_path / "old.sqlite3"
    database.touch(mode=0o644)
    done = check_deploy(
        DATABASE_URL=f"sqlite:///{database}",
        TRUSTED_PROXIES="0",
        SECRET_KEY="abcdefghijklmnopqrstuvwxyz0123456789",
        CARRIERS="sandbox",
        SANDBOX_AUTH_TOKEN="a token of its own",
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SystemCheckError" in done.stderr
    for found in ("smscenter.E001", "smscenter.W001", "security.W009", "messaging.E005"):
        assert f"({found})" in done.stderr
    assert f"chmod 600 {database}" in done.stderr


@pytest.mark.parametrize(
    ("unsafe", "found"),
    [
        ({"PUBLIC_URL": "http://sms.example"}, "security.W008"),
        ({"DEBUG": "on", "PUBLIC_URL": "", "ALLOWED_HOSTS": ""}, "security.W018"),
    ],
    ids=["http", "DEBUG"],
)
def test_an_unsafe_setting_fails_the_deployment_check(
    unsafe: dict[str, str], found: str, tmp_path: Path
) -> None:
    done = check_deploy(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3", **unsafe)
    assert done.returncode == 1
    assert "SystemCheckError" in done.stderr
    assert f"({found})" in done.stderr


def test_unsafe_settings_are_only_warnings_without_deploy() -> None:
    done = fork_server.run(["manage.py", "check"], os.environ | {"DEBUG": "on"})
    assert done.returncode == 0

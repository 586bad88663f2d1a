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


@pytest.mark.parametrize(
    "unsafe",
    [
        {"PUBLIC_URL": "http://sms.example"},
        {"TRUSTED_PROXIES": "0"},
        {"DEBUG": "on", "PUBLIC_URL": "", "ALLOWED_HOSTS": ""},
        {"SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789"},
        {"CARRIERS": "sandbox", "SANDBOX_AUTH_TOKEN": "a token of its own"},
    ],
    ids=["http", "proxies", "DEBUG", "weak SECRET_KEY", "sandbox"],
)
def test_unsafe_settings_fail_the_deployment_check(unsafe: dict[str, str], tmp_path: Path) -> None:
    done = check_deploy(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3", **unsafe)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SystemCheckError" in done.stderr


def test_unsafe_settings_are_only_warnings_without_deploy() -> None:
    done = fork_server.run(["manage.py", "check"], os.environ | {"DEBUG": "on"})
    assert done.returncode == 0

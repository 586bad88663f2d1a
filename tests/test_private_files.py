"""Other users of the machine can't read settings or data."""

import stat
from pathlib import Path

import pytest
from django.core import checks
from pytest_django import Settings

from tests.test_deployment_check import check_deploy
from tests.test_settings import PRODUCTION, python

pytestmark = pytest.mark.once
WRITE = """
import os; os.umask(0o022)
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE leads (name text)")
    import pathlib
    for path in pathlib.Path(os.environ["FOLDER"]).iterdir():
        print(path.name, oct(path.stat().st_mode & 0o777))
"""


def test_only_its_owner_can_read_a_new_sqlite_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    done = python(WRITE, **PRODUCTION | {"DATABASE_URL": url, "FOLDER": str(tmp_path)})
    assert sorted(done.stdout.splitlines()) == [
        "new.sqlite3 0o600",
        "new.sqlite3-shm 0o600",
        "new.sqlite3-wal 0o600",
    ], done.stderr


def test_a_private_database_passes_the_deployment_check(tmp_path: Path) -> None:
    """`tests/test_deployment_check.py` has one that others can read."""
    database = tmp_path / "old.sqlite3"
    database.touch(mode=0o600)
    done = check_deploy(DATABASE_URL=f"sqlite:///{database}")
    assert done.returncode == 0, done.stderr


def test_an_env_file_that_others_can_read_fails_the_deployment_check(
    settings: Settings, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path
    file = tmp_path / ".env"
    file.write_text("SECRET_KEY=secret")

    def hints() -> list[str]:
        errors = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
        return [str(error.hint) for error in errors if str(file) in error.msg]

    for mode in (0o640, 0o604, 0o666):
        file.chmod(mode)
        assert hints() == [f"chmod 600 {file}"]
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert hints() == []
    file.write_text("DEBUG=on")
    file.chmod(0o644)
    assert hints() == [], "no secret"

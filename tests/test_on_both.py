"""`make test` runs on both databases at once, and passes only when both do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import on_both
from tests.faults.workers import wait_until

ROOT = Path(on_both.__file__).parent.parent
ENGINE = "import os\nENGINE = os.environ['DATABASE_URL'].partition(':')[0]\n"
TEST = ENGINE + "def test(): assert ENGINE in {engines!r}"
WAITS = f"""
{ENGINE}
from pathlib import Path
from time import sleep
HERE = Path(__file__).parent
def test():
    (HERE / f"{{ENGINE}}-began").touch()
    try:
        sleep(600)
    finally:
        (HERE / f"{{ENGINE}}-tidied").touch()
"""


def start(place: Path, code: str) -> subprocess.Popen[str]:
    (place / "test_it.py").write_text(code)
    (place / "pytest.ini").write_text("[pytest]\n")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.on_both", place],
        cwd=ROOT,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("engines", "code", "verdicts"),
    [
        (["sqlite", "postgres"], 0, ["SQLite: passed", "PostgreSQL: passed"]),
        (["sqlite"], 1, ["SQLite: passed", "PostgreSQL: failed (exit code 1)"]),
        (["postgres"], 1, ["SQLite: failed (exit code 1)", "PostgreSQL: passed"]),
    ],
    ids=["both", "only SQLite", "only PostgreSQL"],
)
def test_both_have_to_pass_and_both_say_how_it_went(
    tmp_path: Path, engines: list[str], code: int, verdicts: list[str]
) -> None:
    process = start(tmp_path, TEST.format(engines=engines))
    said = process.communicate()[0]
    assert process.returncode == code, said
    assert said.splitlines()[-2:] == verdicts
    sqlite, _, postgres = said.partition("\nPostgreSQL ")
    assert sqlite.startswith("SQLite ")
    for summary, engine in ((sqlite, "sqlite"), (postgres, "postgres")):
        assert ("1 passed" if engine in engines else "1 failed") in summary


def test_who_stops_it_stops_both(tmp_path: Path) -> None:
    with start(tmp_path, WAITS) as process:
        wait_until(lambda: len([*tmp_path.glob("*-began")]) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    assert len([*tmp_path.glob("*-tidied")]) == 2

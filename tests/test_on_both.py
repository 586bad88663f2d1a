"""`make test` runs tests on both databases, and those marked `once` beside them. All must pass."""

import os
import signal
import subprocess
import sys
from itertools import compress, product
from pathlib import Path

import pytest

from tests import on_both, runs
from tests.faults.workers import wait_until

pytestmark = pytest.mark.once
RUNS = ["SQLite", "PostgreSQL", "Faults", "Once", "Browser"]
MARKS = [
    tuple(compress(("once", "browser", "faults"), chosen))
    for chosen in product([False, True], repeat=3)
]
ROOT = Path(on_both.__file__).parent.parent
TEST = """
import os, pytest
def test(capsys):
    with capsys.disabled(): print("on", os.environ["DATABASE_URL"].partition(":")[0])
@pytest.mark.once
def test_once(): assert False
@pytest.mark.once
@pytest.mark.browser
def test_browser(): pass
"""
WAITING_TESTS = """
import os, pytest
from pathlib import Path
from time import sleep
def wait(name):
    place = Path(__file__).parent
    (place / f"{name}-started").touch()
    try:
        sleep(600)
    finally:
        (place / f"{name}-stopped").touch()
def test(): wait(os.environ["DATABASE_URL"].partition(":")[0])
@pytest.mark.once
def test_once(): wait("once")
@pytest.mark.once
@pytest.mark.browser
def test_browser(): wait("browser")
"""


def start(place: Path, code: str) -> subprocess.Popen[str]:
    (place / "test_it.py").write_text(code)
    (place / "pytest.ini").write_text("[pytest]\nmarkers = \n once\n browser\n")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.on_both", place],
        cwd=ROOT,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_each_run_reports_its_result(tmp_path: Path) -> None:
    """One of the runs fails here; the next test has all other cases."""
    process = start(tmp_path, TEST)
    output = process.communicate()[0]
    assert process.returncode == 1, output
    assert output.splitlines()[-5:] == [
        "SQLite: passed",
        "PostgreSQL: passed",
        "Faults: no tests",
        "Once: failed (exit code 1)",
        "Browser: passed",
    ]
    sqlite, postgres = output.index("on sqlite"), output.index("on postgres")
    assert "1 passed" in output[sqlite:postgres]
    assert "1 passed" in output[postgres:]


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([0, 0, 0, 0, 0], 0),
        ([1, 0, 0, 0, 0], 1),
        ([0, 1, 0, 0, 0], 1),
        ([0, 0, 0, 1, 1], 1),
        ([0, 0, 5, 5, 5], 0),
        ([5, 5, 5, 0, 0], 0),
        ([0, 2, 5, 5, 5], 1),
        ([5, 5, 5, 5, 5], 1),
    ],
)
def test_every_run_with_tests_has_to_pass(
    codes: list[int], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs.report(dict(zip(RUNS, codes, strict=True))) == code
    verdicts = {0: "passed", 5: "no tests"}
    assert [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()] == [
        verdicts.get(each, f"failed (exit code {each})") for each in codes
    ]


@pytest.mark.parametrize("marks", MARKS)
def test_each_test_has_its_runs(marks: tuple[str, ...]) -> None:
    """Tests that no database changes run once, all others on both."""
    chosen = runs.runs_of(marks)
    assert chosen < {*RUNS}
    if "once" in marks:
        assert chosen in ({"Once"}, {"Browser"})
    else:
        assert chosen in ({"SQLite", "PostgreSQL"}, {"SQLite", "Faults"})


def test_a_signal_stops_every_run(tmp_path: Path) -> None:
    with start(tmp_path, WAITING_TESTS) as process:
        wait_until(lambda: len([*tmp_path.glob("*-started")]) == 4)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    assert len([*tmp_path.glob("*-stopped")]) == 4

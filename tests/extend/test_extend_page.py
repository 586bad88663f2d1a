"""Follow docs/extend.md literally in a copy of the project, and use the app that it builds."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "extend.md"
ROOMS = ["leads", "messaging", "search", "smscenter", "static", "templates", "tests"]
FILES = ["manage.py", "pyproject.toml"]

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?:# |\{# )([\w/.]+)(?: #\})?")
# The lines that the page tells to add, and the existing lines that they follow.
ADDED = {
    "smscenter/settings.py": ('"smscenter.support",', '"visits",'),
    "smscenter/urls.py": (
        'path("", include("smscenter.support.urls")),',
        'path("", include("visits.urls")),',
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project: its code only, with bytecode, which saves seconds."""
    copy = tmp_path / "project"
    copy.mkdir()
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room)
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    return copy


def blocks() -> Iterator[tuple[str, str]]:
    """Return each block of the page: its language and its text."""
    for _, language, text in BLOCK.findall(PAGE.read_text()):
        yield language, dedent(text)


def write(project: Path, text: str) -> None:
    """Write a block to the file that its first line names."""
    first, rest = text.split("\n", maxsplit=1)
    name = NAME.fullmatch(first)
    assert name, first
    path = project / name[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rest)


def database_name() -> str:
    return f"{os.environ.get('TEST_DATABASE_NAME', 'test_smscenter')}_extend"


def run(project: Path, *command: str) -> None:
    environment = os.environ | {"TEST_DATABASE_NAME": database_name()}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_app_in_the_docs_works(project: Path) -> None:
    page = PAGE.read_text()
    for file, (existing, added) in ADDED.items():
        assert f"`{added}`" in page
        path = project / file
        text = path.read_text()
        assert text.count(existing) == 1
        path.write_text(text.replace(existing, f"{existing}\n    {added}"))
    for language, text in blocks():
        if language == "console":
            run(project, "sh", "-ec", text.replace(".venv/bin/python", sys.executable))
        else:
            write(project, text)
    tests = [sys.executable, "-m", "pytest", "-q", "tests/extend/visits.py"]
    # Migrating takes several seconds, and `make test` has done it (tests/on_both.py).
    if (migrated := Path(os.environ.get("MIGRATED_DATABASE", ""))).is_file():
        shutil.copy(migrated, f"{database_name()}.sqlite3")
        tests.append("--reuse-db")
    run(project, *tests)

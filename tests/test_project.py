"""What this project asks of its own files."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parent.parent
PACKAGES = ["benchmarks", "leads", "messaging", "search", "smscenter", "tests"]
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function, and how many lines it has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_read_at_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    assert [name for name, lines in functions(path) if lines > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_host(name: str) -> None:
    lock = (ROOT / name).read_text()
    assert "://" not in lock
    pinned = re.findall(r"^[\w.\[\]-]+==\S+.*\\$", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\w", lock, re.MULTILINE))


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_what_empties_the_database_comes_after_all_that_need_what_migrations_made(
    request: pytest.FixtureRequest,
) -> None:
    """Of those that run with this one."""
    empties = []
    for item in request.session.items:
        marker = item.get_closest_marker("django_db")
        if marker or "db" in getattr(item, "fixturenames", []):
            empties.append(bool(marker and marker.kwargs.get("transaction")))
    assert empties == sorted(empties)


def test_ci_does_what_everybody_does() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [
        line for line in script.read_text().splitlines() if line and not line.startswith("#")
    ]
    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "make check", "make test"]

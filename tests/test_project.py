"""Rules for this project's own files."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from smscenter.rendering.stylesheets import StylesheetFinder, smaller
from tests.upgrades.step_by_step import StepByStep

ROOT = Path(__file__).parent.parent
PACKAGES = ["benchmarks", "leads", "messaging", "search", "smscenter", "tests"]
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60
MAX_TEMPLATE_LINE_LENGTH = 160
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Yield each function's name and number of lines. Expressions have none, and are skipped."""
    nodes: list[ast.AST] = [ast.parse(text)]
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1
        nodes += [each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr)]


def test_modules_and_functions_are_short() -> None:
    """Check all in one test: a test for each of a thousand files would take longer to collect."""
    long = []
    for path in MODULES:
        text = path.read_text()
        if len(text.splitlines()) > MAX_FILE_LINES:
            long.append(f"{path.relative_to(ROOT)}")
        # A file has a longer function only if it is longer itself.
        if text.count("\n") > MAX_FUNCTION_LINES:
            long += [f"{path}: {name}" for name, n in functions(text) if n > MAX_FUNCTION_LINES]
    assert not long


def test_tests_ask_for_the_database_when_they_run() -> None:
    """All runs collect tests once, before each has its database: `skipif` takes text for that."""
    early = re.compile(r"skipif\(\s*connection\b|^\S[^#\n]*[^\"]\bconnection\.vendor", re.MULTILINE)
    tests = [path for path in MODULES if path.is_relative_to(ROOT / "tests")]
    assert [path.name for path in tests if early.search(path.read_text())] == []


def test_a_lock_pins_by_hash_and_names_no_host() -> None:
    for name in LOCKS:
        lock = (ROOT / name).read_text()
        assert "://" not in lock, name
        pinned = re.findall(r"^[\w.\[\]-]+==\S+.*\\$", lock, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^\w", lock, re.MULTILINE)), name


@pytest.mark.once
def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.once
def test_squashed_migrations_make_the_models_of_the_landed_ones() -> None:
    """`make upgrades` compares what both make in a database, which takes longer."""
    squashed, landed = MigrationLoader(None), StepByStep(None)
    detector = MigrationAutodetector(landed.project_state(), squashed.project_state())
    assert len(landed.graph.nodes) > len(squashed.graph.nodes)
    assert detector.changes(landed.graph) == {}


def test_transactional_tests_run_last(
    request: pytest.FixtureRequest,
) -> None:
    """They empty the database, including what migrations wrote. Check the tests of this run."""
    transactional = []
    for item in request.session.items:
        marker = item.get_closest_marker("django_db")
        if marker or "db" in getattr(item, "fixturenames", []):
            transactional.append(bool(marker and marker.kwargs.get("transaction")))
    assert transactional == sorted(transactional)


def test_ci_runs_the_same_commands_as_developers() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [
        line for line in script.read_text().splitlines() if line and not line.startswith("#")
    ]
    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "make check", "make test"]


def test_the_stylesheet_is_one_file(client: Client) -> None:
    """Each layer has its own file, but the browser makes one request."""
    response = client.get("/static/css/app.css")
    css = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "@import" not in css
    for path in (ROOT / "static" / "css").glob("*.css"):
        if path.name != "app.css":
            assert smaller(path.read_text()) in css, path
    # Those in css/pages/ are for single pages.
    files = StylesheetFinder().list([])
    found = {path: storage for path, storage in files if Path(path).parent == Path("css")}
    assert list(found) == ["css/app.css"]
    assert found["css/app.css"].open("css/app.css").read().decode() == css


def test_template_lines_are_short() -> None:
    rules = (ROOT / ".djlint_rules.yaml").read_text()
    assert f"[^\\n]{{{MAX_TEMPLATE_LINE_LENGTH + 1},}}" in rules, "djLint has the same limit"
    for path in (ROOT / "templates").rglob("*.*"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= MAX_TEMPLATE_LINE_LENGTH, f"{path.relative_to(ROOT)}:{number}"


def test_every_style_is_used() -> None:
    """A renamed class or column heading would silently lose its style."""
    folders = [ROOT / "templates", ROOT / "static" / "js", *(ROOT / name for name in PACKAGES)]
    folders.append(Path(admin.__file__).parent / "templates")  # admin.css
    pages = "\n".join(
        path.read_text()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".html", ".js", ".py"} and "tests" not in path.parts
    )
    words = {*re.findall(r"[\w-]+", pages), "errorlist"}  # Django's
    for path in (ROOT / "static" / "css").rglob("*.css"):
        selectors = " ".join(re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", path.read_text())))
        for name in {*re.findall(r"\.([a-z][\w-]*)|#([a-z][\w-]*)", selectors)}:
            [word] = filter(None, name)
            assert word in words, f"{path.name}: {word}"
        for label in re.findall(r'\[data-label="([^"]+)"\]', selectors):
            assert f'data-label="{label}"' in pages, f"{path.name}: {label}"


def test_each_fault_names_a_test_that_exists() -> None:
    """The last column of the table in docs/reliability.md is a file or a folder."""
    lines = (ROOT / "docs/reliability.md").read_text().splitlines()
    _, *rows = [line for line in lines if line.startswith("| ")]
    paths = [row.rstrip("| ").rpartition("| ")[2].strip("`") for row in rows]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []

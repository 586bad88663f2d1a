"""The documents refer only to existing targets, files, commands, and variables."""

import ast
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from messaging.carriers.sandbox.numbers import TO
from messaging.models.reason import Reason
from smscenter.demo import showcase

pytestmark = pytest.mark.once
ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
# Files that `make run` creates.
GENERATED = {".venv", "var", ".env"}
CODE = re.compile(r"`([^`\n]+)`|^ {4,}(make .+)$", re.MULTILINE)

ROOMS = ["leads", "messaging", "search", "smscenter", "static", "templates", "tests", "benchmarks"]
CODE_FILES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in {".py", ".html", ".js", ".css", ".sql", ".lark"} and path != Path(__file__)
]


def code_of(document: Path) -> list[str]:
    return [inline or block for inline, block in CODE.findall(document.read_text())]


def variables(path: Path) -> Iterator[tuple[str, str | None]]:
    """Yield each environment variable that a module reads, with its default if it's a constant."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func.value) not in {"env", "os.environ"} or not node.args:
            continue
        name, *others = node.args
        others += [each.value for each in node.keywords if each.arg == "default"]
        if isinstance(name, ast.Constant) and str(name.value).isupper():
            default = others[0] if others else None
            yield str(name.value), str(default.value) if isinstance(default, ast.Constant) else None


def table() -> dict[str, str]:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| .+ \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    return dict(rows)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = {
            match for code in code_of(document) for match in re.findall(r"^make ([a-z-]+)", code)
        }
        assert named <= targets, document.name


def test_management_commands_exist() -> None:
    for document in DOCUMENTS:
        named = {m for code in code_of(document) for m in re.findall(r"manage\.py (\w+)", code)}
        assert named <= set(get_commands()), document.name


def names_in_the_code() -> tuple[set[str], set[str]]:
    """Return all names, and those that are defined or imported somewhere."""
    configuration = [
        ROOT / name
        for name in ("gunicorn.conf.py", "pyproject.toml", "docs/nginx.conf", "docs/pgbouncer.ini")
    ]
    source = "\n".join(path.read_text() for path in [*CODE_FILES, *configuration])
    defined = re.findall(r"\bclass (\w+)|\b(\w+) =|\bimport (\w+)", source)
    return {*re.findall(r"\w+", source)}, {name for names in defined for name in names}


def test_names_in_the_code_exist() -> None:
    """Check classes, functions, and constants: `CarrierError(permanent=True)` has two names."""
    names, defined = names_in_the_code()
    for document in DOCUMENTS:
        calls = [re.fullmatch(r"([A-Za-z_][\w.]*)(\(.*\))?", code) for code in code_of(document)]
        for call in filter(None, calls):
            for name in re.findall(r"[A-Za-z_]\w+", call[0]):
                if keyword.iskeyword(name):
                    continue
                if name[0].isupper() and not name.isupper():
                    assert name in defined, (document.name, name)
                elif "_" in name:
                    assert name in names, (document.name, name)


def test_comments_refer_only_to_existing_documents() -> None:
    for path in CODE_FILES:
        for line in path.read_text().splitlines():
            assert not re.search(r"\bsection \d|\bdocs[:,] ", line, re.IGNORECASE), (path, line)
            for name in re.findall(r"\bdocs/[\w-]+\.md\b", line):
                assert (ROOT / name).exists(), (path, name)


def test_files_exist() -> None:
    for document in DOCUMENTS:
        links = re.findall(r"\]\((?!http)([^)#]+)\)", document.read_text())
        for link in links:
            assert (document.parent / link).exists(), link
        for code in code_of(document):
            if re.fullmatch(r"\.?\w[\w./-]*(/|\.(py|md|toml|csv))|LICENSE|\.ci/run", code):
                assert code in GENERATED or (ROOT / code).exists(), code


def test_every_variable_is_in_the_table_with_its_default() -> None:
    settings = ROOT / "smscenter" / "settings.py"
    limits = ROOT / "smscenter" / "database" / "time_limits.py"
    run = ROOT / "smscenter" / "management" / "commands" / "run.py"
    postgres = ROOT / "tests" / "with_postgres.py"
    sending = (ROOT / "messaging").rglob("settings.py")
    rooms = (ROOT / "smscenter").glob("*/**/settings.py")
    read = {
        name: default
        for path in [run, postgres, settings, limits, *rooms, *sending]
        for name, default in variables(path)
    }
    documented = table()
    assert set(documented) == set(read)
    for name, default in read.items():
        if default is not None:
            assert documented[name] == (f"`{default}`" if default else "empty"), name


def test_the_example_environment_has_only_known_variables() -> None:
    lines = (ROOT / "env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert names <= set(table())


def test_the_demo_has_what_the_readme_mentions() -> None:
    readme = (ROOT / "README.md").read_text()
    source = Path(showcase.__file__).read_text()
    for name in re.findall(r'"([A-Z][\w ]+)"', readme):
        assert name in source, name
    numbers = re.findall(r"\+1 500 555 \d{4}", readme)
    assert numbers
    assert {number.replace(" ", "") for number in numbers} <= set(TO)


def test_the_changelog_counts_the_reasons() -> None:
    assert len(Reason) == 18
    assert "Eighteen reasons" in (ROOT / "CHANGELOG.md").read_text()

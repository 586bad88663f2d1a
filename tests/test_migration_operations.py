"""Migrations on SQLite keep the triggers of tables that Django recreates."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, models
from django.db.migrations import AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import ConnectionHandler

from smscenter.accounts.operations import KeepTriggers, RunScript

TRIGGERS = (
    "CREATE TRIGGER own AFTER INSERT ON shop_item BEGIN INSERT INTO log VALUES ('own'); END",
    "CREATE TRIGGER other AFTER INSERT ON log BEGIN UPDATE shop_item SET seen = seen + 1; END",
)
ADD_SIZE = AddField("Item", "size", models.IntegerField(default=7))


@pytest.fixture
def migrate(db: None) -> Iterator[Callable[[Sequence[Operation]], Any]]:
    """Return a function that runs operations on a new database, where two triggers use a table."""
    connection = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    )["default"]
    state = ProjectState()

    def migrate(operations: Sequence[Operation]) -> Any:
        nonlocal state
        for operation in operations:
            after = state.clone()
            operation.state_forwards("shop", after)
            with connection.schema_editor() as editor:
                operation.database_forwards("shop", editor, state, after)
            state = after
        return connection.cursor()

    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("seen", models.IntegerField()),
    ]
    cursor = migrate([CreateModel("Item", fields)])
    for statement in ("CREATE TABLE log (word text)", *TRIGGERS):
        cursor.execute(statement)
    yield migrate
    connection.close()


def test_a_new_column_keeps_the_triggers(migrate: Callable[..., Any]) -> None:
    cursor = migrate([KeepTriggers([ADD_SIZE])])

    cursor.execute("INSERT INTO shop_item (seen, size) VALUES (0, 1)")
    assert cursor.execute("SELECT seen, size FROM shop_item").fetchall() == [(1, 1)]
    assert cursor.execute("SELECT word FROM log").fetchall() == [("own",)]


def test_without_keep_triggers_the_column_cannot_be_added(migrate: Callable[..., Any]) -> None:
    with pytest.raises(OperationalError, match="trigger other"):
        migrate([ADD_SIZE])


def test_a_script_runs_on_its_database_with_its_names(tmp_path: Path) -> None:
    script = tmp_path / "names.sql"
    script.write_text("\\set few (1, 2)\nSELECT 1 IN :few;\nSELECT 3 IN :few;\n")

    assert list(RunScript(sqlite=script).statements("sqlite")) == [
        "SELECT 1 IN (1, 2);\n",
        "SELECT 3 IN (1, 2);\n",
    ]
    assert list(RunScript(sqlite=script).statements("postgresql")) == []

"""Migration operations for triggers, composite foreign keys, and many models at once."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations import AddIndex, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Index


class DatabaseOperation(Operation):
    """Run SQL in the database's dialect, which doesn't change Django's models."""

    reduces_to_sql = True
    reversible = False

    def statements(self, vendor: str) -> Iterator[str]:
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.statements(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)


class RunScript(DatabaseOperation):
    """Run a file of SQL from the migration's folder, which is frozen with the migration.

    `scripts` are paths by database. Nothing runs on a database without one. As in psql, a line
    `\\set name value` makes `:name` stand for the value in the script.
    """

    SET = re.compile(r"^\\set (\w+) (.+)\n", re.MULTILINE)

    def __init__(self, **scripts: Path) -> None:
        self.scripts = scripts

    def statements(self, vendor: str) -> Iterator[str]:
        if vendor not in self.scripts:
            return
        script = self.scripts[vendor].read_text()
        for name, value in self.SET.findall(script):
            script = script.replace(f":{name}", value)
        script = self.SET.sub("", script)
        yield from _split(script) if vendor == "sqlite" else [script]


def _split(script: str) -> Iterator[str]:
    """Split a script into its statements: SQLite runs one at a time."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class RunFunction(DatabaseOperation):
    """Run a function that changes rows by SQL, with the connection.

    `RunPython` would render all models for it first.
    """

    reduces_to_sql = False

    def __init__(self, function: Callable[[BaseDatabaseWrapper], None]) -> None:
        self.function = function

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self.function(schema_editor.connection)


class CreateModels(Operation):
    """Create models that refer to each other, as fast as one.

    Django renders the models again for each operation on one, with all those that are related to
    it: squashed migrations would take several times as long.
    """

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def describe(self) -> str:
        return "Create models " + ", ".join(model.name for model in self.models)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)
        # Django adds indexes and some constraints at the end, but the next operations need them.
        while schema_editor.deferred_sql:
            schema_editor.execute(schema_editor.deferred_sql.pop(0), None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)


class AddIndexWhileWriting(AddIndexConcurrently):
    """Add an index without a lock that writers wait for, in a migration with `atomic = False`.

    SQLite has no such thing: there, a migration is alone anyway.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)


class ReplaceIndexes(Operation):
    """Replace indexes of a model by others of these names, in a migration with `atomic = False`.

    Writers don't wait while PostgreSQL creates them. If each one was removed and added by itself,
    Django would render the model again each time, with all those that are related to it.
    """

    reversible = False

    def __init__(self, model_name: str, indexes: Sequence[Index]) -> None:
        self.model_name = model_name
        self.indexes = indexes

    def describe(self) -> str:
        return "Replace indexes " + ", ".join(index.name for index in self.indexes)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        names = {index.name for index in self.indexes}
        options = state.models[app_label, self.model_name].options
        kept = [index for index in options["indexes"] if index.name not in names]
        options["indexes"] = [*kept, *self.indexes]
        state.reload_model(app_label, self.model_name, delay=True)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        waits = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
        for index in self.indexes:
            schema_editor.remove_index(model, index, **waits)
            schema_editor.add_index(model, index, **waits)


class DropIndexWhileWriting(DatabaseOperation):
    """Drop an index that only PostgreSQL has, in a migration with `atomic = False`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def statements(self, vendor: str) -> Iterator[str]:
        if vendor == "postgresql":
            yield f"DROP INDEX CONCURRENTLY IF EXISTS {self.name}"


class KeepTriggers(SeparateDatabaseAndState):
    """Run operations that add or change columns or constraints of a table that triggers use.

    On SQLite, Django creates the table again. That loses the table's triggers, and fails if a
    trigger of another table names it. So drop all triggers, and create them again afterwards:

        operations = [KeepTriggers([migrations.AddField(…), migrations.AddConstraint(…)])]
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__(operations, operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the rendering of models to the next operation that needs them.

        If they're rendered, each operation renders those with relations to the changed one again.
        """
        vars(state).pop("apps", None)
        super().state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        triggers = self.triggers(schema_editor)
        for name in triggers:
            schema_editor.execute(f'DROP TRIGGER "{name}"', params=None)
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        for statement in triggers.values():
            schema_editor.execute(statement, params=None)

    @staticmethod
    def triggers(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        """Return each trigger's CREATE statement, by name. Empty if tables can be altered."""
        if schema_editor.connection.vendor != "sqlite":
            return {}
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            return dict(cursor.fetchall())


class SameOrganization(DatabaseOperation):
    """Keep a row in the organization of its parent, even if someone writes SQL by hand.

    `child` and `parent` are table names and `column` is the foreign key between them; `parent`
    needs a unique constraint on (id, organization_id). PostgreSQL gets a composite foreign key,
    SQLite can't add one to a table, so it gets triggers that do the same.
    """

    POSTGRESQL = """
        ALTER TABLE {child} ADD CONSTRAINT {child}_{column}_organization
          FOREIGN KEY ({column}, organization_id) REFERENCES {parent} (id, organization_id)
          DEFERRABLE INITIALLY DEFERRED
    """
    SQLITE_CHILD = """
        CREATE TRIGGER {child}_{column}_organization_{event} BEFORE {when} ON {child}
        WHEN NEW.{column} IS NOT NULL
          AND NEW.organization_id <> (SELECT organization_id FROM {parent} WHERE id = NEW.{column})
        BEGIN SELECT RAISE(ABORT, '{child}: not the organization of its {parent}'); END
    """
    SQLITE_PARENT = """
        CREATE TRIGGER {parent}_{child}_{column}_organization
        BEFORE UPDATE OF organization_id ON {parent}
        WHEN NEW.organization_id <> OLD.organization_id
          AND EXISTS (SELECT 1 FROM {child} WHERE {column} = OLD.id)
        BEGIN SELECT RAISE(ABORT, '{parent}: {child} rows belong to its organization'); END
    """

    def __init__(self, child: str, column: str, parent: str) -> None:
        self.names = {"child": child, "column": column, "parent": parent}

    def statements(self, vendor: str) -> Iterator[str]:
        if vendor == "postgresql":
            yield self.POSTGRESQL.format(**self.names)
            return
        update = f"UPDATE OF organization_id, {self.names['column']}"
        for event, when in {"insert": "INSERT", "update": update}.items():
            yield self.SQLITE_CHILD.format(**self.names, event=event, when=when)
        yield self.SQLITE_PARENT.format(**self.names)

"""Queries that Django compiles once, for pages that people open all day.

Django takes half a millisecond to make the SQL of a query, several times as long as the database
for its rows. It's the same each time except for some IDs, and a list has seven such queries. So the
SQL is made with placeholders for the IDs, and kept. Times have placeholders, too:

    @Prepared
    def statuses(organization: int) -> QuerySet[Any, Any]:
        return LeadStatus.objects.visible_in(organization).values_list("pk", "label")

    statuses(request.organization.pk)  # a list of tuples

The function runs once for each connection, so its query may depend on nothing but these values.
`PreparedRows` is the same for a query whose rows are instances.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from smscenter.database.replica import reading

Row = TypeVar("Row", bound=Model)

# The first of the numbers that no ID is, and of the times at which nothing happens.
PLACEHOLDER = 8_040_201_973
FAR_FUTURE = datetime(8040, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Statement:
    """The SQL of a query, and its parameters, of which some are placeholders."""

    compiler: SQLCompiler
    sql: str
    parameters: Sequence[Any]
    converters: Any
    placeholders: Sequence[str]

    def rows(self, ids: Sequence[Any]) -> list[tuple[Any, ...]]:
        found = self._fetch(self.sql, ids)
        if self.converters:  # such as for times, which are strings on SQLite
            return [*map(tuple, self.compiler.apply_converters(found, self.converters))]
        return found

    def instances(self, ids: Sequence[int]) -> list[Any]:
        """Return the rows as Django's `ModelIterable` does."""
        select, kind = self.compiler.select, self.compiler.klass_info
        alias = self.compiler.connection.alias
        start, end = kind["select_fields"][0], kind["select_fields"][-1] + 1
        names = [column.target.attname for column, *_ in select[start:end]]
        related = get_related_populators(kind, select, alias)  # type: ignore[call-arg] # of Django 6
        found = []
        for row in self.rows(ids):
            instance = kind["model"].from_db(alias, names, row[start:end])
            for each in related:
                each.populate(row, instance)
            for name, index in self.compiler.annotation_col_map.items():
                setattr(instance, name, row[index])
            found.append(instance)
        return found

    def count(self, ids: Sequence[Any]) -> int:
        [[number]] = self._fetch(f"SELECT COUNT(*) FROM ({self.sql}) AS counted", ids)  # noqa: S608 - from Django
        return int(number)

    def _fetch(self, sql: str, ids: Sequence[Any]) -> list[Any]:
        connection = self.compiler.connection
        given = (_adapted(each, connection) for each in ids)
        by_placeholder = dict(zip(self.placeholders, given, strict=True))
        parameters = [by_placeholder.get(str(each), each) for each in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found: list[Any] = cursor.fetchall()
        return found


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return the parameter that Django passes for a value."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


class Prepared:
    """A function that returns a query, which is compiled once. A call returns rows as tuples.

    Call it with the same number of IDs each time, and with times at the same places. The key of a
    session, which is text, is an ID, too.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        update_wrapper(self, make)
        self._make = make

    def __call__(self, *ids: Any) -> list[tuple[Any, ...]]:
        return self._statement(ids).rows(ids)

    def count(self, *ids: Any) -> int:
        """Return the number of rows."""
        return self._statement(ids).count(ids)

    def _statement(self, ids: Sequence[Any]) -> _Statement:
        # Kept with the connection, because a compiler is neither for several threads nor databases.
        connection = reading.connection()
        kept: dict[Prepared, _Statement] = vars(connection).setdefault("_prepared", {})
        if self not in kept:
            kept[self] = self._compiled(connection, ids)
        return kept[self]

    def _compiled(self, connection: BaseDatabaseWrapper, ids: Sequence[Any]) -> _Statement:
        placeholders = [
            FAR_FUTURE + timedelta(index) if isinstance(each, datetime) else PLACEHOLDER + index
            for index, each in enumerate(ids)
        ]
        rows = self._make(*placeholders)
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        names = [str(_adapted(each, connection)) for each in placeholders]
        return _Statement(compiler, sql, parameters, converters, names)


class PreparedRows(Prepared):
    """The same for a query without prefetches, whose rows a call returns as instances."""

    def __call__(self, *ids: int) -> list[Any]:
        return self._statement(ids).instances(ids)


def by_ids(model: type[Row], pk: int, organization: int) -> Row:
    """Return an owned row of which only these IDs are known, for the lookups of a query.

    To read anything else of it raises an error, because no such row exists.
    """
    return model.from_db(DEFAULT_DB_ALIAS, ["id", "organization_id"], [pk, organization])


def keep_related(owner: Model, name: str, rows: list[Any]) -> None:
    """Keep these rows as those of a relation to many, as a prefetch does."""
    manager = getattr(owner, name)
    for row in rows:
        setattr(row, manager.field.name, owner)
    kept = manager.get_queryset()
    kept._result_cache, kept._prefetch_done = rows, True
    cache = owner.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[manager.field.remote_field.cache_name] = kept

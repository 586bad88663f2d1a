"""Queries that Django compiles once, for pages that people open all day.

Django takes half a millisecond to make the SQL of a query, several times as long as the database
for its rows. It's the same each time except for some IDs, and a list has seven such queries. So the
SQL is made with placeholders for the IDs, and kept:

    @Prepared
    def statuses(organization: int) -> QuerySet[Any, Any]:
        return LeadStatus.objects.visible_in(organization).values_list("pk", "label")

    statuses(request.organization.pk)  # a list of tuples

The function runs once for each connection, so its query may depend on nothing but these IDs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from smscenter.replica import reading

# The first of the numbers that no ID is.
PLACEHOLDER = 8_040_201_973


@dataclass(frozen=True)
class _Statement:
    """The SQL of a query, and its parameters, of which some are placeholders."""

    compiler: SQLCompiler
    sql: str
    parameters: Sequence[Any]
    converters: Any

    def rows(self, ids: Sequence[Any]) -> list[tuple[Any, ...]]:
        found = self._fetch(self.sql, ids)
        if self.converters:  # such as for times, which are strings on SQLite
            return [*map(tuple, self.compiler.apply_converters(found, self.converters))]
        return found

    def count(self, ids: Sequence[int]) -> int:
        [[number]] = self._fetch(f"SELECT COUNT(*) FROM ({self.sql}) AS counted", ids)  # noqa: S608 - from Django
        return int(number)

    def _fetch(self, sql: str, ids: Sequence[Any]) -> list[Any]:
        by_placeholder = {str(PLACEHOLDER + index): pk for index, pk in enumerate(ids)}
        parameters = [by_placeholder.get(str(each), each) for each in self.parameters]
        with self.compiler.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found: list[Any] = cursor.fetchall()
        return found


class Prepared:
    """A function that returns a query, which is compiled once. A call returns rows as tuples.

    Call it with the same number of IDs each time. The key of a session, which is text, is one too.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        update_wrapper(self, make)
        self._make = make

    def __call__(self, *ids: Any) -> list[tuple[Any, ...]]:
        return self._statement(len(ids)).rows(ids)

    def count(self, *ids: int) -> int:
        """Return the number of rows."""
        return self._statement(len(ids)).count(ids)

    def _statement(self, number: int) -> _Statement:
        # Kept with the connection, because a compiler is neither for several threads nor databases.
        connection = reading.connection()
        kept: dict[Prepared, _Statement] = vars(connection).setdefault("_prepared", {})
        if self not in kept:
            kept[self] = self._compiled(connection, number)
        return kept[self]

    def _compiled(self, connection: BaseDatabaseWrapper, number: int) -> _Statement:
        rows = self._make(*range(PLACEHOLDER, PLACEHOLDER + number))
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        return _Statement(compiler, sql, parameters, compiler.get_converters(columns))

"""Where a word finds its values: a column, a value in JSON, rows that belong to a row."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull

from search.words.searcher import Searcher


@dataclass(frozen=True)
class Column:
    """A column of the row itself, or of one row that it points to."""

    path: str

    def q(self, lookup: str, value: Any, searcher: Searcher) -> Q:
        return Q(**{f"{self.path}__{lookup}": value})

    def is_known(self) -> Q:
        return Q(**{f"{self.path}__isnull": False})

    def is_filled(self) -> Q:
        """Has a text that is not empty."""
        return self.is_known() & ~Q(**{f"{self.path}__exact": ""})

    def order(self, searcher: Searcher) -> Combinable:
        return F(self.path)


@dataclass(frozen=True)
class EitherColumn(Column):
    """Two columns of the same kind, of which one has to match."""

    other: str = ""

    def q(self, lookup: str, value: Any, searcher: Searcher) -> Q:
        return super().q(lookup, value, searcher) | Q(**{f"{self.other}__{lookup}": value})

    def is_known(self) -> Q:
        return super().is_known() | Q(**{f"{self.other}__isnull": False})

    def is_filled(self) -> Q:
        return super().is_filled() | Column(self.other).is_filled()


class _JsonValue(Func):
    """A value of a JSON object by its key; NULL where there is none, or none of this type."""

    arity = 2
    postgresql_types: str
    sqlite_types: str
    cast = ""
    sqlite_value = "value"

    def __init__(self, column: str, key: str) -> None:
        super().__init__(F(column), Value(key))

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        text, params = compiler.compile(self.get_source_expressions()[0])
        key = self.get_source_expressions()[1].value
        sql = (
            f"CASE WHEN jsonb_typeof({text} -> %s) IN ({self.postgresql_types}) "
            f"THEN ({text} ->> %s){self.cast} END"
        )
        return sql, [*params, key, *params, key]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        text, params = compiler.compile(self.get_source_expressions()[0])
        key = self.get_source_expressions()[1].value
        # Not JSON_EXTRACT: its paths compare keys as they are escaped in the text.
        where = f"key = %s AND type IN ({self.sqlite_types})"
        # No value of a person is in this text.
        sql = f"(SELECT {self.sqlite_value} FROM json_each({text}) WHERE {where})"  # noqa: S608
        return sql, [*params, key]


class JsonText(_JsonValue):
    output_field = CharField()
    postgresql_types = "'string', 'number', 'boolean'"
    sqlite_types = "'text', 'integer', 'real'"
    sqlite_value = "CAST(value AS TEXT)"


class JsonNumber(_JsonValue):
    output_field = FloatField()
    postgresql_types = "'number'"
    sqlite_types = "'integer', 'real'"
    cast = "::double precision"


@dataclass(frozen=True)
class JsonColumn(Column):
    """A value in a JSON object, whose key people made up."""

    key: str = ""
    is_number: bool = False

    @property
    def expression(self) -> Any:
        return (JsonNumber if self.is_number else JsonText)(self.path, self.key)

    def q(self, lookup: str, value: Any, searcher: Searcher) -> Q:
        compared = self.expression.output_field.get_lookup(lookup)(self.expression, value)
        # A value that is not there compares to NULL, whose negation would lose the row.
        return self.is_known() & Q(compared)

    def is_known(self) -> Q:
        return Q(IsNull(self.expression, False))  # noqa: FBT003  # the interface is Django's

    def is_filled(self) -> Q:
        return self.is_known() & ~Q(Exact(self.expression, ""))

    def order(self, searcher: Searcher) -> Combinable:
        return self.expression  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Rows:
    """The rows of `model` that belong to a row, by the path `link` to it.

    `everywhere`: of rows that are not the searcher's organization's.
    """

    model: str
    link: str
    everywhere: bool = False

    def all(self, searcher: Searcher) -> QuerySet[Any]:
        """Those of the organization, whatever they belong to."""
        rows = self._of_anyone()
        return rows if self.everywhere else rows.filter(organization_id=searcher.organization)

    def _of_anyone(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.all()
        return rows

    def of_row(self) -> QuerySet[Any]:
        """Return the rows that belong to the outer row.

        Without the organization: until somebody runs ANALYZE, the database prefers an index that
        begins with it, and reads the whole organization for each outer row. The composite foreign
        keys prove that the rows have the outer row's organization (see SameOrganization; a test
        checks every `link`), and the outer rows are ones that the searcher may see.
        """
        return self._of_anyone().filter(**{self.link: OuterRef("pk")})

    def having(self, q: Q, searcher: Searcher, *, few: bool = False) -> Q:
        """One of them satisfies all of q.

        PostgreSQL plans both forms alike, as a join, for which it needs the indexes that begin with
        the organization. SQLite asks EXISTS row by row, which is right where most rows have one,
        and 60 times slower where few have.
        """
        if connection.vendor == "sqlite":
            if few:
                return Q(pk__in=self.owners(q, searcher))
            return Q(Exists(self.of_row().filter(q)))
        return Q(Exists(self.all(searcher).filter(q, **{self.link: OuterRef("pk")})))

    def owners(self, q: Q, searcher: Searcher) -> QuerySet[Any, Any]:
        """The ids of what the rows belong to that satisfy q."""
        return self.all(searcher).filter(q).order_by().values(self.link)

    def aggregate(self, aggregate: Any) -> Subquery:
        rows = self.of_row().order_by().values(self.link).annotate(found=aggregate)
        return Subquery(rows.values("found"))


@dataclass(frozen=True)
class Parent(Rows):
    """The one row of `model` that a row points to by its column `link`."""

    def having(self, q: Q, searcher: Searcher, *, few: bool = False) -> Q:
        rows = self.all(searcher).filter(q).order_by().values("pk")
        return Q(**{f"{self.link}__in": rows})


@dataclass(frozen=True)
class CountColumn(Column):
    """How many rows belong to a row; `path` says nothing."""

    rows: Rows = Rows("", "")

    def counted(self) -> Any:
        count = self.rows.aggregate(Count("*"))
        return Coalesce(count, 0, output_field=IntegerField())

    def q(self, lookup: str, value: Any, searcher: Searcher) -> Q:
        if (lookup, value) == ("gt", 0):
            return self.rows.having(Q(), searcher)
        counted = self.counted()
        return Q(counted.output_field.get_lookup(lookup)(counted, value))

    def order(self, searcher: Searcher) -> Combinable:
        return self.counted()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class ExtremeColumn(Column):
    """The newest or the oldest `path` among the rows that belong to a row."""

    rows: Rows = Rows("", "")
    where: Q = field(default_factory=Q)
    oldest: bool = False

    def order(self, searcher: Searcher) -> Combinable:
        aggregate = (Min if self.oldest else Max)(self.path, filter=self.where)
        return self.rows.aggregate(aggregate)

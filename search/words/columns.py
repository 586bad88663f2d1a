"""Where a search field finds its values: in a column, in JSON, or in related rows."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import (
    CharField,
    Count,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Q,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractHour
from django.db.models.lookups import Exact, In, IsNull

from search.words.context import SearchContext
from search.words.related_rows import PageOrCount, RelatedRows, WordRows
from search.words.word_index import WordIndex


@dataclass(frozen=True)
class Column:
    """A column of the row, or of a row that it points to."""

    path: str

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        return Q(**{f"{self.path}__{lookup}": value})

    def is_known(self) -> Q:
        return Q(**{f"{self.path}__isnull": False})

    def is_filled(self) -> Q:
        """Return the condition for a text that isn't empty."""
        return self.is_known() & ~Q(**{f"{self.path}__exact": ""})

    def finds_few(self, lookup: str, value: str, context: SearchContext) -> bool:
        """Return whether an index says that few rows have these words."""
        return False

    def order(self, context: SearchContext) -> Combinable:
        return F(self.path)


@dataclass(frozen=True)
class EitherColumn(Column):
    """Two columns, one of which has to match. It's sorted by the first one's `path`."""

    either: Column
    other: Column

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        one, two = (column.q(lookup, value, context) for column in (self.either, self.other))
        return one | two

    def is_known(self) -> Q:
        return self.either.is_known() | self.other.is_known()

    def is_filled(self) -> Q:
        return self.either.is_filled() | self.other.is_filled()


@dataclass(frozen=True)
class FlaggedColumn(Column):
    """A column of which one value has a column of its own, `flag`, that an index names."""

    value: str = ""
    flag: str = ""

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        if lookup == "exact" and value == self.value:
            return Q(**{self.flag: True})
        return super().q(lookup, value, context)


@dataclass(frozen=True)
class WordsColumn(Column):
    """A text whose words are in rows of their own: in the one of this `kind`."""

    rows: WordRows
    kind: str

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        if lookup not in {"words", "phrase"}:
            return super().q(lookup, value, context)
        return self.rows.having_words(lookup, value, context, kind=self.kind)

    def finds_few(self, lookup: str, value: str, context: SearchContext) -> bool:
        return self.rows.index.finds_few(lookup, value, context)


@dataclass(frozen=True)
class TextColumn(Column):
    """A text of the row itself, whose words are in an index: `index` is that of SQLite."""

    rows: RelatedRows
    index: WordIndex

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        q = super().q(lookup, value, context)
        if lookup not in {"words", "phrase"}:
            return q
        if connection.vendor == "postgresql":
            return self.rows.those(q, context)
        if not self.index.serves(value, context):
            return q
        found = In(F("pk"), self.index.rows(lookup, value, context))
        if self.finds_few(lookup, value, context):
            return Q(found)
        return q if context.in_group else Q(PageOrCount(q, found))

    def finds_few(self, lookup: str, value: str, context: SearchContext) -> bool:
        return self.index.finds_few(lookup, value, context)


class _JsonValue(Func):
    """A value in a JSON object. NULL if the key is missing or its value has another type."""

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
        # Not JSON_EXTRACT: its paths compare keys as escaped in the text.
        where = f"key = %s AND type IN ({self.sqlite_types})"
        # The SQL contains no user input: the key is a parameter.
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
    """A value in a JSON object, such as a custom field."""

    key: str = ""
    is_number: bool = False

    @property
    def expression(self) -> Any:
        return (JsonNumber if self.is_number else JsonText)(self.path, self.key)

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        compared = self.expression.output_field.get_lookup(lookup)(self.expression, value)
        # Comparing a missing value gives NULL, and negating that would lose the row.
        return self.is_known() & Q(compared)

    def is_known(self) -> Q:
        return Q(IsNull(self.expression, False))  # noqa: FBT003  # the interface is Django's

    def is_filled(self) -> Q:
        return self.is_known() & ~Q(Exact(self.expression, ""))

    def order(self, context: SearchContext) -> Combinable:
        return self.expression  # type: ignore[no-any-return]


@dataclass(frozen=True)
class HourColumn(Column):
    """The hour of a date, 0 to 23, on the clock of the user's organization."""

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        hour = self._hour(context)
        compared: Any = hour.output_field.get_lookup(lookup)
        return Q(compared(hour, value))

    def order(self, context: SearchContext) -> Combinable:
        return self._hour(context)

    def _hour(self, context: SearchContext) -> ExtractHour:
        organization = getattr(context.user, "organization", None)
        zone = organization.zone if organization else context.now.tzinfo
        return ExtractHour(self.path, tzinfo=zone)


@dataclass(frozen=True)
class CountColumn(Column):
    """The number of rows that belong to a row.

    If there are several, one of them satisfies `several`, for which there's an index.
    """

    path: str = ""
    rows: RelatedRows = field(kw_only=True)
    several: Q = field(default_factory=Q, kw_only=True)

    def count(self) -> Any:
        count = self.rows.aggregate(Count("*"))
        return Coalesce(count, 0, output_field=IntegerField())

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        if (lookup, value) == ("gt", 0):
            return self.rows.having(Q(), context)
        if (lookup, value) == ("exact", 0):
            return ~self.rows.having(Q(), context)
        count = self.count()
        q = Q(count.output_field.get_lookup(lookup)(count, value))
        if self.several and lookup in {"exact", "gt", "gte"} and value + (lookup == "gt") > 1:
            return self.rows.having(self.several, context, selective=True) & q
        return q

    def order(self, context: SearchContext) -> Combinable:
        return self.count()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class ExtremeColumn(Column):
    """The newest `path` of the related rows."""

    rows: RelatedRows = field(kw_only=True)
    where: Q = field(default_factory=Q)

    def order(self, context: SearchContext) -> Combinable:
        return self.rows.aggregate(Max(self.path, filter=self.where))

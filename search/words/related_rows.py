"""Rows that belong to a row, or that it points to, and conditions on them."""

import json
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.lookups import In

from search.language.errors import QueryError
from search.limits import is_limited, time_limit
from search.words.context import LOOKED, SearchContext
from search.words.text_lookups import ROW_BY_ROW
from search.words.word_index import WordIndex
from smscenter.database.replica import reading

# So many rows are looked up by ID.
FEW = 2_000
ROWS_OF_OWNER = 4
# So many rows are looked up by the row that they point to, and so many by its hashed ID.
FEW_PARENTS = 200
SOME = 20_000
# Where PostgreSQL expects so many rows, or more, it's asked how many of the newest ones are found:
# common are so many of so many, and some aren't rare, if looking has taken too long. Of those that
# point to another row, which takes longer to see, it's asked about fewer.
MANY = 5_000
COMMON = ((5, 500), (10, 2_500))
NOT_RARE = (5, 2_500)
COMMON_PARENT = (10, 100)


class Among(Func):
    """Whether a row is among others, for PostgreSQL: `In(F("pk"), rows)`.

    A page is read in its own order from one index until it's full, and these others are hashed. As
    a mere IN, it would be a join in an order that PostgreSQL guesses, with all columns of all rows.
    A count has no order, and begins with these others.
    """

    template = "(%(expressions)s) IS TRUE"
    arity = 1
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = self.template if compiler.query.order_by else "%(expressions)s"
        return self.as_sql(compiler, connection, template=template)


class Related(Exists):
    """EXISTS of related rows. `owners` are the IDs of the rows that these belong to.

    A count reads some of them first, in this order: see `count_of`.
    """

    def __init__(self, rows: QuerySet[Any], owners: QuerySet[Any, Any] | None = None) -> None:
        super().__init__(rows)
        self.owners = owners


class Probed(Related):
    """EXISTS that PostgreSQL evaluates row by row in the order of a page, until it's full.

    With an OFFSET, it doesn't make a join of it. Nor does it look up all rows that have a word for
    each row: see `WordsLookup`.
    """

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **options: Any
    ) -> Any:
        if not compiler.query.order_by:
            return super().as_sql(compiler, connection, template, **options)
        one = self.copy()
        one.query = self.query.clone()
        setattr(one.query, ROW_BY_ROW, True)
        sql, params = super(Probed, one).as_sql(compiler, connection, template, **options)
        return f"{sql[:-1]} OFFSET 0)", params


class WithIDs(In):
    """Rows with these IDs, which are one parameter for PostgreSQL: many take it longer to plan."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        if not self.rhs:
            raise EmptyResultSet
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} = ANY(%s)", [*params, list(self.rhs)]


class PageOrCount(Func):
    """Two conditions for the same rows: one that a row answers, and one that begins with an index.

    A page reads rows in its own order and checks each, and a count has no order.
    """

    arity = 2
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_postgresql(compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        of_row, of_index = self.get_source_expressions()
        if not compiler.query.order_by:
            return compiler.compile(of_index)
        sql, params = compiler.compile(of_row)
        return f"({sql}) IS TRUE", params


@dataclass(frozen=True)
class RelatedRows:
    """The rows of `model` that belong to a row. `link` is the path from them to the row.

    With `all_organizations`, rows outside the user's organization count too. `dated` is the column
    by which an index finds the newest rows of an organization.
    """

    model: str
    link: str
    all_organizations: bool = False
    dated: str = ""

    def all(self, context: SearchContext) -> QuerySet[Any]:
        """Return all of these rows in the organization."""
        rows = self._of_anyone()
        return rows if self.all_organizations else rows.filter(organization_id=context.organization)

    def _of_anyone(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.all()
        return rows

    def of_row(self) -> QuerySet[Any]:
        """Return the rows that belong to the outer row.

        They aren't filtered by organization: before ANALYZE, the database would choose an index
        that begins with it and read the whole organization for each outer row. Composite foreign
        keys keep both rows in the same organization (see SameOrganization; a test checks every
        `link`), and the user can see the outer rows.
        """
        return self._of_anyone().filter(**{self.link: OuterRef("pk")})

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        """Return the condition that at least one related row satisfies q.

        With `selective`, an index finds the rows that do. SQLite evaluates EXISTS row by row, which
        is best if most rows have a match, and 60 times slower if few do. PostgreSQL chooses a plan,
        and with `selective` is told how many there are (`those_of`).
        """
        if connection.vendor == "sqlite":
            if selective:
                return Q(pk__in=self.owners(q, context))
            return Q(Exists(self.of_row().filter(q)))
        rows = self.all(context).filter(q, **{self.link: OuterRef("pk")})
        owners = self.owners(q, context)
        if not selective:
            return Q(Related(rows, owners.order_by(f"-{self.dated}") if self.dated else owners))
        if not context.in_group and self.are_common(q, context, *COMMON):
            return Q(Probed(rows, owners))
        found = those_of(owners, FEW * ROWS_OF_OWNER, context)
        ids = set(found.ids)
        if found.are_all and len(ids) <= FEW:
            return Q(WithIDs(F("pk"), ids))
        # If few owners have many rows, probing looks at all other rows of the list in vain.
        many = not context.in_group and (
            len(ids) > FEW if found.ids else self.are_common(q, context, NOT_RARE)
        )
        return Q((Probed if many else Related)(rows, owners))

    def those(self, q: Q, context: SearchContext) -> Q:
        """Return the condition for the rows of this model themselves, which an index finds."""
        if connection.vendor == "sqlite" or context.in_group:
            return q
        if self.are_common(q, context, *COMMON):
            return q
        found = those_of(self.all(context).filter(q).order_by().values("pk"), FEW, context)
        return Q(WithIDs(F("pk"), found.ids)) if found.are_all else q

    def are_common(self, q: Q, context: SearchContext, *common: tuple[int, int]) -> bool:
        """Return whether so many of so many newest rows satisfy q. Not if few are expected in all.

        Looking for a common word takes longer than reading a page in its order. PostgreSQL knows
        which words are common, but not in which organization.
        """
        rows = self.all(context)
        if not self.dated:
            return False
        return guess_of(rows.filter(q), context) >= MANY and any(
            self._found_in_newest(q, context, number) >= least for least, number in common
        )

    def _found_in_newest(self, q: Q, context: SearchContext, number: int) -> int:
        found = ExpressionWrapper(q, BooleanField())
        newest = self.all(context).order_by(f"-{self.dated}").values(found=found)[:number]
        sql, params = newest.query.sql_with_params()

        def count() -> int:
            with reading.connection().cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM ({sql}) newest WHERE found", params)  # noqa: S608
                return int(cursor.fetchone()[0])

        return context.once((sql, params), count)

    def owners(self, q: Q, context: SearchContext) -> QuerySet[Any, Any]:
        """Return the IDs of the rows that related rows satisfying q belong to."""
        return self.all(context).filter(q).order_by().values(self.link)

    def aggregate(self, aggregate: Any) -> Subquery:
        rows = self.of_row().order_by().values(self.link).annotate(found=aggregate)
        return Subquery(rows.values("found"))


@dataclass(frozen=True)
class WordRows(RelatedRows):
    """Rows that have the words of a row's texts, in a `WordsField` with an index.

    `index` is that of SQLite.
    """

    index: WordIndex = field(kw_only=True)

    def having_words(self, lookup: str, value: str, context: SearchContext, **own: Any) -> Q:
        """Return the condition that a text has these words, of a row with these columns."""
        few = connection.vendor == "postgresql" or self.index.finds_few(lookup, value, context)
        q = self.indexed(lookup, value, context) if few else Q(**{f"words__{lookup}": value})
        return self.having(Q(**own) & q, context, selective=few)

    def indexed(self, lookup: str, value: str, context: SearchContext) -> Q:
        """Return the condition that a text has these words, for which there's an index."""
        if connection.vendor == "sqlite" and self.index.serves(value, context):
            return Q(pk__in=self.index.rows(lookup, value, context))
        return Q(**{f"words__{lookup}": value})


@dataclass(frozen=True)
class ParentRow(RelatedRows):
    """The row of `model` that a row of `pointing` points to. `link` is its foreign key."""

    pointing: RelatedRows | None = None

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        rows = self.all(context).filter(q).order_by().values("pk")
        if connection.vendor == "postgresql":
            # A condition on their own columns is looked up in an index at once.
            pointing = None if context.in_group else self.pointing
            if pointing and any(isinstance(each, Exists) for each in q.flatten()):
                probed = Q(Probed(rows.filter(pk=OuterRef(self.link))))
                if pointing.are_common(probed, context, COMMON_PARENT):
                    return probed
            found = those_of(rows, FEW_PARENTS if context.in_group else SOME, context)
            if found.are_all and len(found.ids) <= FEW_PARENTS:
                return Q(**{f"{self.link}__in": found.ids})
            if found.are_all:
                return Q(Among(In(F(self.link), rows)))
        return Q(**{f"{self.link}__in": rows})


class Found(NamedTuple):
    """The IDs that were found, and whether they're all."""

    ids: list[int]
    are_all: bool


def guess_of(rows: QuerySet[Any, Any], context: SearchContext | None = None) -> float:
    """Return how many rows PostgreSQL expects."""
    try:
        sql, params = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0

    def explain() -> float:
        with reading.connection().cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [[found]] = cursor.fetchall()
        [plan] = found if isinstance(found, list) else json.loads(found)
        return float(plan["Plan"]["Plan Rows"])

    return context.once((sql, params, "guess"), explain) if context else explain()


def those_of(rows: QuerySet[Any, Any], most: int, context: SearchContext) -> Found:
    """Return the IDs of up to `most` rows, or none if all looks of a search take long together.

    PostgreSQL's statistics know neither rare values nor which ones one organization has, and a
    wrong guess reads all its rows. So see how many there are first.
    """
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return Found([], are_all=True)

    def read() -> Found:
        # In a CTE, which is planned as if all rows were read: by the index.
        found = f"WITH found AS MATERIALIZED ({sql}) SELECT * FROM found LIMIT {most + 1}"  # noqa: S608
        with reading.connection().cursor() as cursor:
            cursor.execute(found, params)
            ids = [pk for (pk,) in cursor.fetchall()]
        return Found(ids, are_all=len(ids) <= most)

    def read_within_limit() -> Found:
        if is_limited():
            return read()
        looked = context.cache.get(LOOKED, 0.0)
        if looked >= settings.SEARCH_SECONDS["looking"]:
            return Found([], are_all=False)
        started = monotonic()
        try:
            with time_limit("looking", spent=looked):
                return read()
        except QueryError:
            return Found([], are_all=False)
        finally:
            context.cache[LOOKED] = looked + monotonic() - started

    return context.once((sql, params, most), read_within_limit)

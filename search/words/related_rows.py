"""Rows that belong to a row, or that it points to, and conditions on them."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from search.words.context import SearchContext
from smscenter.replica import reading

# So many rows with a word are looked up by ID.
FEW = 2_000


@dataclass(frozen=True)
class RelatedRows:
    """The rows of `model` that belong to a row. `link` is the path from them to the row.

    With `all_organizations`, rows outside the user's organization count too.
    """

    model: str
    link: str
    all_organizations: bool = False

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

        PostgreSQL plans both forms as a join, using the indexes that begin with the organization.
        SQLite evaluates EXISTS row by row, which is best if most rows have a match, and 60 times
        slower if few do: then pass `selective`.
        """
        if connection.vendor == "sqlite":
            if selective:
                return Q(pk__in=self.owners(q, context))
            return Q(Exists(self.of_row().filter(q)))
        return Q(Exists(self.all(context).filter(q, **{self.link: OuterRef("pk")})))

    def owners(self, q: Q, context: SearchContext) -> QuerySet[Any, Any]:
        """Return the IDs of the rows that related rows satisfying q belong to."""
        return self.all(context).filter(q).order_by().values(self.link)

    def aggregate(self, aggregate: Any) -> Subquery:
        rows = self.of_row().order_by().values(self.link).annotate(found=aggregate)
        return Subquery(rows.values("found"))


@dataclass(frozen=True)
class WordRows(RelatedRows):
    """Rows that have the words of a row's texts, in a `WordsField`.

    A page of rows with a common word is found soonest by looking at rows in the order of the list,
    and one with a rare word by the index of words. PostgreSQL's statistics of words don't know the
    rare ones, let alone of one organization, and a wrong guess reads all rows. So see how many
    there are first.
    """

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        if connection.vendor == "postgresql":
            found = context.once((self, q), lambda: self._first_owners(q, context))
            if len(found) <= FEW:
                return Q(pk__in=found)
        return super().having(q, context)

    def _first_owners(self, q: Q, context: SearchContext) -> list[int]:
        """Return the owners of the first rows that satisfy q: of all of them if they are few."""
        try:
            sql, params = self.owners(q, context).query.sql_with_params()
        except EmptyResultSet:
            return []
        # In a CTE, which is planned as if all rows were read: by the index.
        sql = f"WITH found AS MATERIALIZED ({sql}) SELECT * FROM found LIMIT {FEW + 1}"  # noqa: S608
        with reading.connection().cursor() as cursor:
            cursor.execute(sql, params)
            return [owner for (owner,) in cursor.fetchall()]


@dataclass(frozen=True)
class ParentRow(RelatedRows):
    """The row of `model` that a row points to. `link` is its foreign key."""

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        rows = self.all(context).filter(q).order_by().values("pk")
        return Q(**{f"{self.link}__in": rows})

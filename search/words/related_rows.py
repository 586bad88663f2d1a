"""Rows that belong to a searched row, or that it points to."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from search.words.context import SearchContext


@dataclass(frozen=True)
class RelatedRows:
    """The rows of `model` that belong to a row, by the path `link` to it.

    `all_organizations`: of rows that are not in the user's organization.
    """

    model: str
    link: str
    all_organizations: bool = False

    def all(self, context: SearchContext) -> QuerySet[Any]:
        """Those of the organization, whatever they belong to."""
        rows = self._of_anyone()
        return rows if self.all_organizations else rows.filter(organization_id=context.organization)

    def _of_anyone(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._base_manager.all()
        return rows

    def of_row(self) -> QuerySet[Any]:
        """Return the rows that belong to the outer row.

        Without the organization: until somebody runs ANALYZE, the database prefers an index that
        begins with it, and reads the whole organization for each outer row. The composite foreign
        keys prove that the rows have the outer row's organization (see SameOrganization; a test
        checks every `link`), and the outer rows are ones that the user may see.
        """
        return self._of_anyone().filter(**{self.link: OuterRef("pk")})

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        """One of them satisfies all of q.

        PostgreSQL plans both forms alike, as a join, for which it needs the indexes that begin with
        the organization. SQLite asks EXISTS row by row, which is right where most rows have one,
        and 60 times slower where few have.
        """
        if connection.vendor == "sqlite":
            if selective:
                return Q(pk__in=self.owners(q, context))
            return Q(Exists(self.of_row().filter(q)))
        return Q(Exists(self.all(context).filter(q, **{self.link: OuterRef("pk")})))

    def owners(self, q: Q, context: SearchContext) -> QuerySet[Any, Any]:
        """The ids of what the rows belong to that satisfy q."""
        return self.all(context).filter(q).order_by().values(self.link)

    def aggregate(self, aggregate: Any) -> Subquery:
        rows = self.of_row().order_by().values(self.link).annotate(found=aggregate)
        return Subquery(rows.values("found"))


@dataclass(frozen=True)
class ParentRow(RelatedRows):
    """The one row of `model` that a row points to by its column `link`."""

    def having(self, q: Q, context: SearchContext, *, selective: bool = False) -> Q:
        rows = self.all(context).filter(q).order_by().values("pk")
        return Q(**{f"{self.link}__in": rows})

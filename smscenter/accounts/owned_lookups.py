"""Compare the organization wherever rows are looked up by the row that they belong to.

`Note.objects.filter(lead=lead)`, `lead.notes.all()`, and `prefetch_related("notes")` all compare
`organization_id`, too. Foreign keys of the database name both columns, so the result is the same. A
database that's split by organization then asks only the machine or partition that has the rows.
"""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey
from django.db.models.expressions import Col
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

from smscenter.accounts.models import Owned


def _organizations(rows: Collection[Any]) -> list[int]:
    """Return the organizations of these instances. Return none if some are given by their IDs."""
    owned = [row for row in rows if isinstance(row, Owned)]
    return sorted({row.organization_id for row in owned}) if len(owned) == len(rows) else []


class _SameOrganization:
    """A lookup by rows, given as instances."""

    lhs: Any
    rhs: Any
    organizations: Sequence[int] = ()
    is_of_many: ClassVar[bool]

    def get_prep_lookup(self) -> Any:
        rows = self.rhs if self.is_of_many else [self.rhs]
        is_owned = isinstance(self.lhs, Col) and issubclass(self.lhs.target.model, Owned)
        if is_owned and isinstance(rows, list | tuple | set | frozenset):
            self.organizations = _organizations(rows)
        return super().get_prep_lookup()  # type: ignore[misc]

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        sql, params = super().as_sql(compiler, connection)  # type: ignore[misc]
        if not self.organizations:
            return sql, params
        column = Col(self.lhs.alias, self.lhs.target.model._meta.get_field("organization"))
        same, organizations = compiler.compile(In(column, self.organizations))
        # SQLite has no statistics: without the plus, it may read all rows of the organization.
        plus = "+" if connection.vendor == "sqlite" else ""
        return f"({sql} AND {plus}{same})", (*params, *organizations)


@ForeignKey.register_lookup
class OwnedExact(_SameOrganization, RelatedExact):
    is_of_many = False


@ForeignKey.register_lookup
class OwnedIn(_SameOrganization, RelatedIn):
    is_of_many = True

"""What an export has in it. Each app registers its tables in its hooks (docs/extend.md)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Field, FileField, Model, QuerySet

from search.answering.csv_export import E164, PhoneCell
from smscenter.accounts.models import Organization, OwnedQuerySet
from smscenter.registry import Registry

# How rows are stored, which tells nobody anything.
INTERNAL = {
    "organization_id",
    "form_token",
    "lease",
    "lease_until",
    "password",
    "file",
    "latest_sms_failed",
}


@dataclass(frozen=True)
class Table:
    """A CSV file, named after `name`, with the rows of a model that members can see.

    If the model has a `file`, those files are in the export, too. `rows` is for a model that
    isn't `Owned`, or whose rows members don't all see.
    """

    name: str
    model: type[Model]
    columns: tuple[str, ...] = ()
    rows: Callable[[Organization], QuerySet[Any]] | None = None

    def rows_of(self, organization: Organization) -> QuerySet[Any]:
        if self.rows:
            return self.rows(organization)
        return OwnedQuerySet[Any](self.model).visible_in(organization.pk)

    @property
    def has_files(self) -> bool:
        return any(isinstance(field, FileField) for field in self.model._meta.concrete_fields)

    @property
    def cells(self) -> Mapping[str, Callable[[Any], Any]]:
        names = self.columns or [
            field.attname
            for field in self.model._meta.concrete_fields
            if field.attname not in INTERNAL
        ]
        return {name: _reader(self.model, name) for name in names}


tables: Registry[Table] = Registry(key=attrgetter("name"))


def _reader(model: type[Model], name: str) -> Callable[[Any], Any]:
    field = next(each for each in model._meta.concrete_fields if each.attname == name)
    return lambda row: _value(field, getattr(row, name))


def _value(field: Field[Any, Any], value: Any) -> Any:
    if isinstance(value, str) and E164.fullmatch(value):
        return PhoneCell(value)
    is_json = field.get_internal_type() == "JSONField"
    return json.dumps(value, ensure_ascii=False) if is_json else value

"""Rows that a lead has only one of, such as the thread of its texts.

A merge doesn't move them: the database keeps them, as for any other writer. Undoing the merge
writes them again as they were.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from django.db.models import ForeignKey, Model, OneToOneField

from leads.models import DeletedLead, Lead

# By model, each row as text by column.
Rows: TypeAlias = dict[str, list[dict[str, str | None]]]


def read(*leads: Lead) -> Rows:
    found = {}
    for field in _relations():
        rows = field.model._base_manager.filter(**{f"{field.name}__in": leads})
        found[field.model._meta.label] = [_written(row) for row in rows.order_by("pk")]
    return found


def write(lead: Lead, other: Lead, rows: Rows) -> None:
    """Write the rows of two leads as they were read."""
    for field in _relations():
        model, former = field.model, rows.get(field.model._meta.label, [])
        now = model._base_manager.filter(**{f"{field.name}__in": [lead, other]})
        now.exclude(pk__in=[row["id"] for row in former]).delete()
        model._base_manager.bulk_create(
            [_read(model, row) for row in former],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[each.name for each in model._meta.concrete_fields if each.name != "id"],
        )


def _relations() -> Iterator[OneToOneField[Any, Any]]:
    for relation in Lead._meta.related_objects:
        if isinstance(relation.field, OneToOneField) and relation.related_model is not DeletedLead:
            yield relation.field


def _written(row: Model) -> dict[str, str | None]:
    return {
        field.attname: None
        if getattr(row, field.attname) is None
        else str(field.value_to_string(row))
        for field in row._meta.concrete_fields
    }


def _read(model: type[Model], row: dict[str, str | None]) -> Model:
    """Return the row, without references to what's gone."""
    found = {}
    for field in model._meta.concrete_fields:
        value = field.to_python(row[field.attname])
        if isinstance(field, ForeignKey) and field.null:
            rows = field.related_model._base_manager.filter(pk=value)
            value = value if rows.exists() else None
        found[field.attname] = value
    return model(**found)

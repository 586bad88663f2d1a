"""Rows that a lead has only one of, such as the thread of its texts.

A merge doesn't move them: the database keeps them, as for any other writer. Undoing the merge
writes them again as they were.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from django.db.models import ForeignKey, Model, OneToOneField

from leads.models import DeletedLead, Lead
from smscenter import undo

# By model, each row as JSON.
Rows: TypeAlias = dict[str, list[Any]]


def read(*leads: Lead) -> Rows:
    found = {}
    for field in _relations():
        rows = field.model._base_manager.filter(**{f"{field.name}__in": leads})
        found[field.model._meta.label] = undo.written(rows.order_by("pk"))
    return found


def write(lead: Lead, other: Lead, rows: Rows) -> None:
    """Write the rows of two leads as they were read."""
    for field in _relations():
        model, former = field.model, rows.get(field.model._meta.label, [])
        now = model._base_manager.filter(**{f"{field.name}__in": [lead, other]})
        now.exclude(pk__in=[row["pk"] for row in former]).delete()
        model._base_manager.bulk_create(
            [_without_gone(row) for row in undo.read(former)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[each.name for each in model._meta.concrete_fields if each.name != "id"],
        )


def _relations() -> Iterator[OneToOneField[Any, Any]]:
    for relation in Lead._meta.related_objects:
        if isinstance(relation.field, OneToOneField) and relation.related_model is not DeletedLead:
            yield relation.field


def _without_gone(row: Model) -> Model:
    """Return the row, without references to what's gone."""
    for field in row._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.null:
            found = field.related_model._base_manager.filter(pk=getattr(row, field.attname))
            if not found.exists():
                setattr(row, field.attname, None)
    return row

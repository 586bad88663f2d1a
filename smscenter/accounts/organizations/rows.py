"""Delete all rows of an organization: of every model that belongs to one, whatever app it's in.

Rows go before those that they refer to. Files go with the folders that they're in.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from operator import attrgetter
from pathlib import Path
from shutil import rmtree
from typing import Any

from django.apps import apps
from django.db.models import SET_NULL, FileField, ForeignKey, Model, QuerySet

from smscenter.accounts.models import Organization
from smscenter.registry import Registry
from smscenter.retention import next_ids

# Rows in one transaction: few, so that others don't wait long for its locks.
BATCH = 500
# In one run, because the same thread has other work.
SECONDS = 2.0


@dataclass(frozen=True)
class RowDeleter:
    """How rows of a model are deleted that can't simply be.

    `delete` deletes the next ones of an organization, and returns how many.
    """

    model: type[Model]
    delete: Callable[[Organization], int]


row_deleters: Registry[RowDeleter] = Registry(key=attrgetter("model"))


def delete_some(organization: Organization) -> bool:
    """Delete rows for a moment. Return whether there may be more."""
    until, found = time.monotonic() + SECONDS, False
    for model in in_order():
        while _delete_batch(model, organization):
            found = True
            if time.monotonic() > until:
                return True
        _delete_files(model, organization)
    # Triggers may have added rows meanwhile.
    return found


def rows_of(model: type[Model], organization: Organization) -> QuerySet[Any]:
    return model._base_manager.filter(organization=organization.pk)


def in_order() -> list[type[Model]]:
    """Return the models whose rows belong to an organization, those that refer to others first."""
    models = {each for each in apps.get_models() if _belongs_to_organization(each)}
    referring: dict[type[Model], set[type[Model]]] = {model: set() for model in models}
    for model in models:
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.remote_field.on_delete is not SET_NULL:
                parent = field.related_model
                if parent in models and parent is not model:
                    referring[parent].add(model)
    return list(TopologicalSorter(referring).static_order())


def _belongs_to_organization(model: type[Model]) -> bool:
    return any(
        isinstance(field, ForeignKey) and field.related_model is Organization
        for field in model._meta.concrete_fields
    )


def _delete_batch(model: type[Model], organization: Organization) -> int:
    if model in row_deleters.by_key:
        return row_deleters.by_key[model].delete(organization)
    rows = rows_of(model, organization)
    if ids := next_ids(rows, BATCH):
        rows.filter(pk__in=ids).delete()
    return len(ids)


def _delete_files(model: type[Model], organization: Organization) -> None:
    for field in model._meta.concrete_fields:
        if isinstance(field, FileField):
            row = model(organization_id=organization.pk)
            folder = Path(field.generate_filename(row, "file")).parent
            # Never a folder that others have files in.
            if folder.name == str(organization.pk):
                rmtree(field.storage.path(str(folder)), ignore_errors=True)


def delete_members(organization: Organization) -> int:
    """Delete members, who have no other organization. Staff only lose their membership."""
    members = organization.members.all()
    members.filter(is_staff=True).update(organization=None)
    if ids := next_ids(members, BATCH):
        members.filter(pk__in=ids).delete()
    return len(ids)

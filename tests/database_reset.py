"""Restore the database to its migrated state after a transactional test."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from messaging.models import CarrierCode, CarrierPrice, Recipient
from smscenter.audit.models import AuditDeletion

# Rows that migrations and the post_migrate signal write.
MIGRATED_MODELS: tuple[type[Model], ...] = (
    ContentType,
    Permission,
    Group,
    Group.permissions.through,
    CarrierCode,
    CarrierPrice,
)


def rows_of(model: type[Model]) -> list[tuple[object, ...]]:
    return [*model._base_manager.order_by("pk").values_list()]


@dataclass(frozen=True)
class Migrated:
    """The rows to keep. Django's flush would delete them, and create most of them again.

    That takes six times as long, and leaves a run with `--reuse-db` without the Support group.
    """

    rows: dict[type[Model], list[tuple[object, ...]]]

    @classmethod
    def read(cls) -> Self:
        return cls({model: rows_of(model) for model in MIGRATED_MODELS})

    @transaction.atomic(durable=True)
    def restore(self) -> None:
        """Empty all other tables, and restore the rows that a test changed or deleted."""
        # Without this, audit records couldn't be deleted.
        AuditDeletion.objects.create(before=timezone.now() + timedelta(days=1))
        with connection.cursor() as cursor:
            for table in self.filled_tables():
                cursor.execute(f'DELETE FROM "{table}"')
        changed = [model for model, rows in self.rows.items() if rows_of(model) != rows]
        for model in reversed(changed):
            model._base_manager.all()._raw_delete(connection.alias)
        for model in changed:
            names = [field.attname for field in model._meta.concrete_fields]
            restored = (model(**dict(zip(names, row, strict=True))) for row in self.rows[model])
            model._base_manager.bulk_create(restored)

    def filled_tables(self) -> list[str]:
        migrated = {model._meta.db_table for model in MIGRATED_MODELS}
        every = connection.introspection.django_table_names(only_existing=True, include_views=False)
        queries = (
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")"
            for name in {*every} - migrated
        )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(queries))
            filled = [name for (name,) in cursor.fetchall()]
        # Consent can be deleted only after its number, and audit records only before this row.
        order = {Recipient._meta.db_table: -1, AuditDeletion._meta.db_table: 1}
        return sorted(filled, key=lambda name: order.get(name, 0))

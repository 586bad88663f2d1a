"""Leave a database as the migrations made it, after a test whose transactions were real."""

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model

from messaging.models import CarrierCode

# What migrations write, and the signal after them.
WRITTEN: tuple[type[Model], ...] = (
    ContentType,
    Permission,
    Group,
    Group.permissions.through,
    CarrierCode,
)


def rows_of(model: type[Model]) -> list[tuple[object, ...]]:
    return [*model._base_manager.order_by("pk").values_list()]


@dataclass(frozen=True)
class Migrated:
    """The rows that stay. Django's flush deletes them, too, and creates most of them again.

    That takes six times as long, and leaves the next run with `--reuse-db` without a support group.
    """

    rows: dict[type[Model], list[tuple[object, ...]]]

    @classmethod
    def read(cls) -> Self:
        return cls({model: rows_of(model) for model in WRITTEN})

    @transaction.atomic(durable=True)
    def restore(self) -> None:
        """Empty all other tables, and put back the rows that a test changed or deleted."""
        with connection.cursor() as cursor:
            for table in self.filled_tables():
                cursor.execute(f'DELETE FROM "{table}"')
        changed = [model for model, rows in self.rows.items() if rows_of(model) != rows]
        for model in reversed(changed):
            model._base_manager.all()._raw_delete(connection.alias)
        for model in changed:
            names = [field.attname for field in model._meta.concrete_fields]
            made = (model(**dict(zip(names, row, strict=True))) for row in self.rows[model])
            model._base_manager.bulk_create(made)

    def filled_tables(self) -> list[str]:
        kept = {model._meta.db_table for model in WRITTEN}
        every = connection.introspection.django_table_names(only_existing=True, include_views=False)
        asked = (
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in {*every} - kept
        )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            return [name for (name,) in cursor.fetchall()]

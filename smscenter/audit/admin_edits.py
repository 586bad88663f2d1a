"""Record what's done in the Django admin to models that have no record of their own."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_save
from django.dispatch import receiver

from smscenter.audit.objects import audited
from smscenter.audit.recording import record

VERBS = {1: "added", 2: "changed", 3: "deleted"}
PASSWORD = "Changed password."  # noqa: S105 - Django's own message


@receiver(post_save, sender=LogEntry)
def record_admin_edit(instance: LogEntry, created: bool, **_: Any) -> None:
    """Record an entry of the admin's own log, unless `edits` recorded the same with its values."""
    model = _model_of(instance)
    message = instance.get_change_message()
    is_recorded = model in audited.by_key
    if not created or (is_recorded and (instance.action_flag != CHANGE or message != PASSWORD)):
        return
    row = model._base_manager.filter(pk=instance.object_id).first() if model else None
    if is_recorded and row is not None:
        record("password_changed", row)
        return
    noun = str(model._meta.verbose_name) if model else "row"
    name = f"{noun} {instance.object_repr}"
    note = message or f"{VERBS[instance.action_flag]}."
    record("admin", name=name, note=note, by=instance.user, organization=_organization(row))


def _model_of(entry: LogEntry) -> Any:
    kind: ContentType | None = entry.content_type
    return kind.model_class() if kind else None


def _organization(row: Any) -> int | None:
    return getattr(row, "organization_id", None)

"""Record what people add, change, and delete, whatever form, page, or admin they use.

It only looks at rows that a signed-in person saves or deletes one by one. Workers and webhooks are
never recorded here, and code that changes many rows with `update()` calls `record` itself.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Field, Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from smscenter.accounts.models import User
from smscenter.audit.context import acting_user
from smscenter.audit.objects import HIDDEN, Audited, audited
from smscenter.audit.recording import record, shown

FORMER = "_audit_former"


def record_edits(entry: Audited) -> None:
    """Record the edits of a model from now on."""
    audited.register(entry)
    # Of this model only: a receiver of all would slow down sending, and every deletion.
    pre_save.connect(read_former, sender=entry.model)
    post_save.connect(record_save, sender=entry.model)
    post_delete.connect(record_deletion, sender=entry.model)


def read_former(
    sender: type[Model], instance: Model, raw: bool, update_fields: Any, **_: Any
) -> None:
    """Read the row as it is in the database, if a person is about to change it."""
    known = audited.by_key.get(sender)
    if known is None or raw or instance._state.adding or acting_user() is None:
        return
    names = [*known.fields, *known.hidden]
    if update_fields is not None and not {*update_fields} & {*names}:
        return
    related = [name for name in names if _field(sender, name).many_to_one]
    rows = sender._base_manager.select_related(*related) if related else sender._base_manager
    instance.__dict__[FORMER] = rows.filter(pk=instance.pk).first()


def record_save(
    sender: type[Model], instance: Model, raw: bool, created: bool, update_fields: Any, **_: Any
) -> None:
    known = audited.by_key.get(sender)
    if known is None or acting_user() is None or known.skip(instance):
        return
    added, changed, _deleted = known.actions
    former = instance.__dict__.pop(FORMER, None)
    if created and added:
        after = values(known, instance, [*known.fields, *known.hidden])
        record("restored" if raw else added, instance, after=after)
    elif former is not None and changed:
        names = _changed(known, former, instance, update_fields)
        before, after = values(known, former, names), values(known, instance, names)
        if names:
            hidden = {label: "" for label, value in after.items() if value == HIDDEN}
            phrase = known.phrase(instance, former)
            record(changed, instance, name=phrase, before=before | hidden, after=after)


def record_deletion(sender: type[Model], instance: Model, origin: Any, **_: Any) -> None:
    """Record the deletion of a row. What's deleted with it isn't recorded by itself."""
    known = audited.by_key.get(sender)
    if known is None or acting_user() is None or known.skip(instance):
        return
    is_cascade = origin is not instance and getattr(origin, "model", None) is not sender
    if known.actions[2] and not is_cascade:
        record(known.actions[2], instance, before=values(known, instance, known.fields))


def _changed(known: Audited, former: Model, row: Model, update_fields: Any) -> list[str]:
    names = [*known.fields, *known.hidden]
    if update_fields is not None:
        names = [name for name in names if name in update_fields]
    columns = {name: _field(type(row), name).attname for name in names}
    return [name for name in names if getattr(former, columns[name]) != getattr(row, columns[name])]


def values(known: Audited, row: Model, names: Iterable[str]) -> dict[str, str]:
    """Return the values of fields, by their labels. Each value of an object has its own."""
    found: dict[str, str] = {}
    for name in names:
        field = _field(type(row), name)
        value: Any = getattr(row, name)
        label = str(field.verbose_name)
        if name in known.hidden:
            found[label] = HIDDEN if value else ""
        elif isinstance(value, dict):
            found |= {str(key): shown(each) for key, each in value.items()}
        else:
            display = getattr(row, f"get_{name}_display", None)
            found[label] = shown(display() if display else value)
    return found


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 - for the type checker
    return field


def record_permissions(
    instance: Model, action: str, model: type[Model], pk_set: Any, **_: Any
) -> None:
    """Record who got or lost a group or a permission."""
    verb, _, done = action.partition("_")
    if verb != "post" or acting_user() is None or not pk_set:
        return
    names = [str(row) for row in model._base_manager.filter(pk__in=pk_set)]
    label, (empty, full) = str(model._meta.verbose_name_plural), ("", shown(names))
    before, after = (empty, full) if done == "add" else (full, empty)
    record("changed", instance, before={label: before}, after={label: after})


for permissions in (User.groups, User.user_permissions, Group.permissions):
    m2m_changed.connect(record_permissions, sender=permissions.through)

"""Undo an import, in the reverse order of its rows.

Leads that it added are deleted, unless someone has worked with them since. Leads that rows were
merged into get back their former values, unless someone changed those since. What stays says why.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.dateparse import parse_datetime

from leads.imports.targets import Person, Target, by_model, load, shown
from leads.models import (
    Address,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    ImportRow,
    Lead,
    LeadChange,
    LeadImport,
    LeadNumber,
    LeadVisit,
    LeadWords,
)
from smscenter.accounts.models import User

CHUNK = 250
# Rows of a lead that its own content has, or that are no work.
OWN = (Contact, Address, ImportRow, LeadNumber, LeadVisit, LeadWords)
ADDED = {
    str(model._meta.model_name): model
    for model in (Contact, ContactPhone, ContactEmail, Address, LeadChange)
}
CHANGED = "Someone has changed this lead since then."


def step(job: LeadImport, _by: User) -> bool:
    """Undo the last rows that aren't undone yet. Return whether there are more."""
    with transaction.atomic():
        found = LeadImport.objects.filter(pk=job.pk, state=LeadImport.State.UNDOING)
        if found.select_for_update(skip_locked=True).first() is None:
            return False
        rows = list(ImportRow.objects.filter(lead_import=job, kept="").order_by("-number")[:CHUNK])
        if rows:
            _undo(rows)
            job.undone += len(rows)
        else:
            _delete_new_fields(job)
            job.state = LeadImport.State.UNDONE
        job.save(update_fields=["state", "undone", "new_fields"])
    return bool(rows)


def _undo(rows: list[ImportRow]) -> None:
    targets = load(row.lead_id for row in rows)
    work = _work_of(rows)
    used = _used(Contact, _added(rows, "contact"), (ContactPhone, ContactEmail))
    gone: list[Model] = []
    changed: dict[int, tuple[Lead, set[str]]] = {}
    for row in rows:
        target = targets[row.lead_id]
        if row.outcome == ImportRow.Outcome.ADDED:
            row.kept = work.get(row.lead_id, "") or _why_changed(target, row)
            if not row.kept:
                gone.append(target.lead)
        elif row.outcome == ImportRow.Outcome.MERGED:
            row.kept = _revert(target, row, gone, changed, used)
    _write(rows, gone, changed)


def _added(rows: Iterable[ImportRow], label: str) -> list[int]:
    return [pk for row in rows for name, pk, _ in row.before.get("added", ()) if name == label]


def _work_of(rows: list[ImportRow]) -> dict[int, str]:
    """Return what people have done with leads that were added, by lead."""
    leads = [row.lead_id for row in rows if row.outcome == ImportRow.Outcome.ADDED]
    return _used(Lead, leads, OWN, _added(rows, "leadchange"))


def _used(
    parent: type[Model],
    ids: Iterable[int],
    own: tuple[type[Model], ...],
    own_changes: Iterable[int] = (),
) -> dict[int, str]:
    """Return which of these leads or contacts other rows refer to, and what those are."""
    ids, found = list(ids), {}
    for relation in parent._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        if not ids or not relation.auto_created or relation.concrete or model in own:
            continue
        field: Any = relation.field  # type: ignore[union-attr]
        rows = model._base_manager.filter(**{f"{field.name}__in": ids}).order_by()
        if model is LeadChange:
            rows = rows.exclude(pk__in=own_changes)
        for pk in rows.values_list(field.attname, flat=True).distinct():
            found[pk] = f"Used since then: {model._meta.verbose_name_plural}."
    return found


def _why_changed(target: Target, row: ImportRow) -> str:
    return "" if target.content() == row.before["content"] else CHANGED


def _revert(
    target: Target,
    row: ImportRow,
    gone: list[Model],
    changed: dict[int, tuple[Lead, set[str]]],
    used: Collection[int],
) -> str:
    """Give a lead its former values. Return why something stays, or an empty string."""
    kept = []
    for name, (before, after) in row.before["fields"].items():
        if target.get(name) == _read(name, after):
            target.put(name, _read(name, before))
            _, names = changed.setdefault(target.lead.pk, (target.lead, set()))
            names.add(name.partition(".")[0].removesuffix("_id"))
        elif name != "updated":
            kept.append(name.removeprefix("custom.").removesuffix("_id"))
    for label, pk, text in reversed(row.before["added"]):
        found = _take(target, label, pk, text, used)
        if found is None:
            kept.append(str(ADDED[label]._meta.verbose_name))
        else:
            gone.append(found)
    return f"Changed since then: {', '.join(dict.fromkeys(kept))}."[:200] if kept else ""


def _read(name: str, value: Any) -> Any:
    return parse_datetime(value) if name == "updated" else value


def _take(target: Target, label: str, pk: int, text: str, used: Collection[int]) -> Model | None:
    """Take a row out of a lead, if it's still as it was added, and no one used it."""
    if label == "leadchange":
        return LeadChange(pk=pk)
    lists: dict[str, list[Any]] = {"address": [target.addresses]}
    for person in _unused(target, used):
        lists.setdefault("contactphone", []).append(person.phones)
        lists.setdefault("contactemail", []).append(person.emails)
    if label == "contact":
        return _take_person(target, pk, text, used)
    for rows in lists.get(label, []):
        for row in rows:
            if row.pk == pk and shown(row) == text:
                rows.remove(row)
                return row  # type: ignore[no-any-return]
    return None


def _unused(target: Target, used: Collection[int]) -> list[Person]:
    return [person for person in target.people if person.contact.pk not in used]


def _take_person(target: Target, pk: int, text: str, used: Collection[int]) -> Contact | None:
    for person in _unused(target, used):
        contact = person.contact
        if contact.pk == pk and shown(contact) == text and not (person.phones or person.emails):
            target.people.remove(person)
            return contact
    return None


def _write(
    rows: list[ImportRow],
    gone: list[Model],
    changed: dict[int, tuple[Lead, set[str]]],
) -> None:
    by_names: dict[frozenset[str], list[Lead]] = defaultdict(list)
    deleted = {row.pk for row in gone if isinstance(row, Lead)}
    for lead, names in changed.values():
        if lead.pk not in deleted:
            by_names[frozenset(names)].append(lead)
    for columns, leads in by_names.items():
        Lead.objects.bulk_update(leads, columns)
    for model, some in reversed(list(by_model(gone))):
        model._base_manager.filter(pk__in=[row.pk for row in some]).delete()
    kept = [row for row in rows if row.kept]
    ImportRow.objects.bulk_update(kept, ["kept"])
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if not row.kept]).delete()


def _delete_new_fields(job: LeadImport) -> None:
    """Delete the custom fields that the import created, unless a lead has a value."""
    for field in CustomField.objects.filter(pk__in=job.new_fields):
        leads = Lead.objects.filter(organization=job.organization_id)
        if not leads.filter(custom__has_key=field.key).exists():
            field.delete()
    job.new_fields = []

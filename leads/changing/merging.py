"""Merge a lead into another one, and undo that for a day.

A merge moves rows and changes values of the lead that stays, and records both. The other lead stays
without its rows, and nobody sees it, until the merge can't be undone anymore.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from django.db import OperationalError, transaction
from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet, UniqueConstraint
from django.utils import timezone

from leads.changing import single_rows
from leads.changing.deleting import delete_for_good, lock
from leads.models import (
    Contact,
    ContactPhone,
    CustomField,
    DeletedLead,
    Lead,
    LeadChange,
    LeadMerge,
    LeadStatus,
)
from leads.models.merge import UNDO
from smscenter import undo as undoing
from smscenter.accounts.models import User
from smscenter.audit import recording

log = structlog.get_logger(__name__)

TOO_LATE = "This merge can't be undone anymore."
# The foreign key, the rows, and the lead or contact before and after.
Move: TypeAlias = dict[str, Any]
FIELDS = ("name", "status", "owner", "url", "description")
# Records of what happened to the lead itself.
STAYING = (LeadMerge, DeletedLead)
# Rows in one statement.
CHUNK = 5_000
# What PostgreSQL calls it when two transactions wait for each other, and it ends one.
DEADLOCK = "40P01"
# Leads in one run of the worker.
MOST_LEADS = 20


class GoneError(Exception):
    """One of the leads was deleted or merged meanwhile."""


@dataclass(frozen=True)
class Choice:
    """A field with different values, and whether the other lead's is chosen at first."""

    key: str
    label: str
    kept: str
    other: str
    takes_other: bool


def choices(lead: Lead, other: Lead) -> list[Choice]:
    """Return the fields in which two leads differ. An empty value loses at first."""
    found = []
    for name in FIELDS:
        label = str(Lead._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
        kept, taken = getattr(lead, name), getattr(other, name)
        if kept != taken:
            found.append(Choice(name, label, str(kept or ""), str(taken or ""), not kept))
    for field in CustomField.objects.visible_in(lead.organization_id):
        kept, taken = (each.custom.get(field.key) for each in (lead, other))
        if kept != taken:
            shown = field.shown(kept), field.shown(taken)
            found.append(Choice(f"custom_{field.pk}", field.name, *shown, kept is None))
    return found


def joined(lead: Lead, other: Lead) -> list[tuple[Contact, Contact]]:
    """Return the contacts of the other lead with those of this one that have the same number."""
    own: dict[str, Contact] = {}
    for phone in _phones(lead):
        own.setdefault(phone.phone, phone.contact)
    pairs = {phone.contact: own[phone.phone] for phone in _phones(other) if phone.phone in own}
    return list(pairs.items())


def _phones(lead: Lead) -> QuerySet[ContactPhone]:
    rows = ContactPhone.objects.filter(contact__lead=lead, extension="")
    return rows.select_related("contact").order_by("-pk")


def merge(lead: Lead, other: Lead, by: User, taken: Sequence[str]) -> LeadMerge:
    """Move everything of the other lead to this one, with the other's values of `taken` fields.

    Raises GoneError.
    """
    try:
        return _merge(lead, other, by, taken)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
            raise
    # A worker locked a text that came meanwhile, and PostgreSQL let it finish first.
    return _merge(lead, other, by, taken)


def _merge(lead: Lead, other: Lead, by: User, taken: Sequence[str]) -> LeadMerge:
    with transaction.atomic():
        _lock(lead, other)
        found = Lead.objects.visible_to(by).in_bulk([lead.pk, other.pk])
        if len(found) < 2:
            raise GoneError
        kept, source = found[lead.pk], found[other.pk]
        singles = [single_rows.read(kept, source)]
        former = _take(kept, source, taken)
        pairs = joined(kept, source)
        moves: list[Move] = []
        for contact, same in pairs:
            # The contact itself stays at the other lead, with the numbers that both have.
            moves += _move_all(Contact, contact.pk, same.pk)
        moves += _move_all(Lead, source.pk, kept.pk, {contact.pk for contact, _ in pairs})
        singles.append(single_rows.read(kept, source))
        record = LeadMerge.objects.create(
            organization_id=kept.organization_id,
            lead=kept,
            source=source,
            source_name=source.name,
            user=by,
            moves=moves,
            former=former,
            singles=singles,
        )
        LeadChange.objects.create(
            organization_id=kept.organization_id,
            lead=kept,
            user=by,
            field=LeadChange.Field.MERGED,
            old=source.name,
            merge=record,
        )
        DeletedLead.objects.create(
            organization_id=kept.organization_id, lead=source, user=by, merge=record
        )
    log.info("leads_merged", lead=kept.pk, source=source.pk, user=by.pk)
    return record


def _lock(lead: Lead, other: Lead) -> None:
    """Lock both leads, after the rows that move: workers lock a text before its lead."""
    for field in _relations(Lead):
        rows = field.model._base_manager.filter(**{field.name: other.pk}).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
    lock(lead, other)


def _take(lead: Lead, other: Lead, taken: Sequence[str]) -> dict[str, Any]:
    """Take values of the other lead. Return the former and the new ones."""
    former: dict[str, Any] = {"updated": lead.updated.isoformat()}
    changes: dict[str, Any] = {}
    for name in (name for name in FIELDS if name in taken):
        column = Lead._meta.get_field(name).attname  # type: ignore[union-attr]
        changes[column] = getattr(other, column)
        former[column] = [getattr(lead, column), changes[column]]
    custom = dict(lead.custom)
    for field in CustomField.objects.visible_in(lead.organization_id):
        if f"custom_{field.pk}" in taken:
            custom.pop(field.key, None)
            if field.key in other.custom:
                custom[field.key] = other.custom[field.key]
    if custom != lead.custom:
        changes["custom"], former["custom"] = custom, [lead.custom, custom]
    if changes:
        Lead.objects.filter(pk=lead.pk).update(**changes, updated=timezone.now())
    return former


def _relations(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    """Return the foreign keys of the rows that move. What a lead has only one of stays."""
    found = [relation.field for relation in model._meta.related_objects]
    return [
        each
        for each in found
        if isinstance(each, ForeignKey) and each.model not in STAYING and not each.unique
    ]


def _move_all(
    model: type[Model], old: int, new: int, staying: Collection[int] = ()
) -> Iterator[Move]:
    """Move all rows from one lead or contact to another, and yield what moved.

    A row stays if it would be a second one, such as when somebody saw each of the leads.
    """
    for field in _relations(model):
        rows = field.model._base_manager.filter(**{field.name: old})
        if field.model is Contact:
            rows = rows.exclude(pk__in=staying)
        for shared in _unique_with(field):
            same = {field.name: new, **{name: OuterRef(name) for name in shared}}
            rows = rows.exclude(Exists(field.model._base_manager.filter(**same)))
        if ids := list(rows.order_by("pk").values_list("pk", flat=True)):
            _update(field, ids, old, new)
            yield {"field": str(field), "ids": ids, "old": old, "new": new}


def _unique_with(field: ForeignKey[Any, Any]) -> Iterator[list[str]]:
    """Yield the other fields of each unique constraint of this one."""
    for each in field.model._meta.constraints:
        if isinstance(each, UniqueConstraint) and field.name in each.fields:
            yield [name for name in each.fields if name != field.name]


def _update(field: ForeignKey[Any, Any], ids: Sequence[int], old: int, new: int) -> None:
    """Change a foreign key of rows, unless somebody changed or deleted them."""
    for start in range(0, len(ids), CHUNK):
        rows = field.model._base_manager.filter(pk__in=ids[start : start + CHUNK])
        rows.filter(**{field.name: old}).update(**{field.name: new})


def undo(record: LeadMerge, by: User) -> bool:
    """Undo a merge. Return whether that was still possible.

    What was added to a moved contact since then goes with it. What somebody changed since stays.
    """
    with transaction.atomic():
        row = LeadMerge.objects.select_for_update(of=("self",)).get(pk=record.pk)
        source = row.source
        is_hidden = DeletedLead.objects.filter(lead=row.lead).exists()
        if source is None or is_hidden or not row.can_be_undone():
            return False
        _lock(source, row.lead)
        is_unchanged = row.singles[1:] == [single_rows.read(row.lead, source)]
        for move in reversed(row.moves):
            field = _field(move["field"])
            _update(field, move["ids"], move["new"], move["old"])
            if field.model is Contact:
                _follow(move)
        _give_back(row)
        if is_unchanged:
            single_rows.write(row.lead, source, row.singles[0])
        DeletedLead.objects.filter(merge=row).delete()
        LeadMerge.objects.filter(pk=row.pk).update(undone=timezone.now(), undone_by=by)
        recording.record("undone", row, name=f"merge of {row}", by=by)
    log.info("merge_undone", lead=row.lead_id, source=source.pk, user=by.pk)
    return True


def undo_merge(user: Any, pk: int) -> str:
    """Undo a merge, for a notice's Undo. Raises UndoError."""
    rows = LeadMerge.objects.visible_to(user).select_related("lead", "source")
    record = rows.filter(pk=pk).first()
    if record is None or not undo(record, user):
        raise undoing.UndoError(TOO_LATE)
    return f"{record.source_name} is a lead of its own again."


def _field(name: str) -> ForeignKey[Any, Any]:
    return next(
        each for model in (Lead, Contact) for each in _relations(model) if str(each) == name
    )


def _follow(move: Move) -> None:
    """Move the rows of contacts that went back, such as the texts that they sent since."""
    for field in _relations(Lead):
        own = {each.name for each in _relations(Contact) if each.model is field.model}
        for name in own:
            rows = field.model._base_manager.filter(**{f"{name}__in": move["ids"]})
            rows.filter(**{field.name: move["new"]}).update(**{field.name: move["old"]})


def _give_back(record: LeadMerge) -> None:
    """Give the lead its former values, except those that somebody changed since the merge."""
    lead = Lead.objects.get(pk=record.lead_id)
    changes = {
        column: values[0]
        for column, values in record.former.items()
        if column != "updated" and getattr(lead, column) == values[1]
    }
    for column, rows in (("owner_id", User.objects), ("status_id", LeadStatus.objects)):
        if changes.get(column) and not rows.filter(pk=changes[column]).exists():
            del changes[column]  # it's gone
    if changes:
        Lead.objects.filter(pk=lead.pk).update(**changes, updated=record.former["updated"])


def delete_merged() -> None:
    """Delete leads for good that were merged, when nobody can undo that anymore."""
    old = DeletedLead.objects.filter(merge__created__lte=timezone.now() - UNDO)
    rows = old.select_related("lead", "merge").order_by("created")
    for deleted in rows[:MOST_LEADS]:
        if deleted.merge is None:
            continue
        with transaction.atomic():
            # What somebody added while it was being merged.
            lock(deleted.lead)
            list(_move_all(Lead, deleted.lead_id, deleted.merge.lead_id, _contacts(deleted.lead)))
        delete_for_good(deleted.lead)


def _contacts(lead: Lead) -> set[int]:
    return set(Contact.objects.filter(lead=lead).values_list("pk", flat=True))

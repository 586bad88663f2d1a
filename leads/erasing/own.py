"""What leads stores of a person. The lead stays as an empty row, so that counts of texts stay."""

from collections.abc import Callable

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from leads.changing.deleting import delete_for_good
from leads.erasing.parts import ErasedPart, Step, delete_rows, parts
from leads.erasing.person import Person
from leads.models import (
    Address,
    Contact,
    DeletedNote,
    Erasure,
    Lead,
    LeadChange,
    LeadMerge,
    LeadVisit,
    Note,
)
from leads.models.words import WORD_INDEX
from smscenter.undo import restorable

NAME = "Erased lead"


@restorable.register
def is_not_erased(row: Model) -> bool:
    """Return whether a deleted row can be restored: not if its lead was erased since."""
    lead = getattr(row, "lead_id", None)
    return lead is None or not Erasure.objects.of_lead(lead).exists()


def _of(model: type[Model], person: Person) -> QuerySet[Model]:
    return model._base_manager.filter(organization=person.organization, lead__in=person.leads)


def _erase_contacts(person: Person, _after: int) -> Step:
    """Delete the contacts, with their numbers and emails, and empty the lead."""
    Lead.objects.filter(pk=person.lead).update(
        name=NAME,
        url="",
        description="",
        external_id="",
        custom={},
        owner=None,
        created_by=None,
        form_token=None,
        updated=timezone.now(),
    )
    return delete_rows(_of(Contact, person))


def _erase_addresses(person: Person, _after: int) -> Step:
    return delete_rows(_of(Address, person))


def _erase_notes(person: Person, _after: int) -> Step:
    step = delete_rows(_of(Note, person))
    return step if step.erased else delete_rows(_of(DeletedNote, person))


def _erase_history(person: Person, after: int) -> Step:
    """Delete the history, and the leads that were merged into this one, which nobody sees."""
    for lead in Lead.objects.filter(pk__in=person.merged)[:1]:
        delete_for_good(lead)
        return Step(0, after + 1)
    merges = LeadMerge.objects.filter(Q(lead=person.lead) | Q(source=person.lead))
    merged = LeadChange.objects.filter(merge__in=merges)
    for rows in (merged, merges, _of(LeadChange, person), _of(LeadVisit, person)):
        if (step := delete_rows(rows)).erased:
            return step
    return Step(0)


def _purge_words(_person: Person, _after: int) -> Step:
    WORD_INDEX.purge()
    return Step(0)


def _count(model: type[Model]) -> Callable[[Person], int]:
    return lambda person: _of(model, person).count()


for part in (
    ErasedPart("Contacts", _erase_contacts, 20, _count(Contact)),
    ErasedPart("Addresses", _erase_addresses, 21, _count(Address)),
    ErasedPart("Notes", _erase_notes, 22, _count(Note)),
    ErasedPart("Changes in the timeline", _erase_history, 80, _count(LeadChange)),
    ErasedPart("Search index of leads", _purge_words, 90),
):
    parts.register(part)

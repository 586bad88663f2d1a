"""Start an erasure, and let workers do it, step by step."""

from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone

from leads.changing.deleting import lock, when_deleted
from leads.erasing.parts import Step, in_order
from leads.erasing.person import Person
from leads.models import Contact, Erasure, Lead
from smscenter import jobs
from smscenter.accounts.models import User
from smscenter.audit.recording import record

log = structlog.get_logger(__name__)

# Per run, because the same thread imports files.
SECONDS = 2.0


@dataclass(frozen=True)
class Line:
    """What a person's data has of a part."""

    label: str
    count: int


def lines(lead: Lead) -> list[Line]:
    """Return what an erasure would erase, for its page."""
    person = Person.of(lead, timezone.now())
    counted = ((part.label, part.count(person)) for part in in_order() if part.count)
    return [Line(label, count) for label, count in counted if count]


@transaction.atomic
def start_contact(contact: Contact, by: User) -> Erasure:
    """Erase only one of a lead's contacts: make it a lead of its own, and erase that."""
    lead = contact.lead
    lock(lead)
    own = Lead(organization_id=lead.organization_id, status=lead.status, name=contact.name)
    Lead.objects.bulk_create([own])  # without a record in the audit log, which would have the name
    Contact.objects.filter(pk=contact.pk).update(lead=own)
    return start(own, by, former_lead=lead.pk)


def start(lead: Lead, by: User, former_lead: int | None = None) -> Erasure:
    """Cancel what waits to be sent to a lead, and let a worker erase the lead's data.

    A second click starts nothing.
    """
    for notify in when_deleted:
        notify(lead)
    with transaction.atomic():
        lock(lead)
        if running := Erasure.objects.in_work().filter(lead_number=lead.pk).first():
            return running
        now = timezone.now()
        erasure = Erasure.objects.create(
            organization_id=lead.organization_id,
            lead_number=lead.pk,
            created_by=by,
            created_by_name=str(by)[:160],
            created=now,
            person=Person.of(lead, now, former_lead).to_store(),
        )
        # Records of the audit log can be blanked from now on.
        record("erased", lead, name=f"the data of lead {lead.pk} on request", by=by)
    log.info("erasure_started", erasure=erasure.pk, lead=lead.pk, user=by.pk)
    return erasure


def work_on_all() -> None:
    """Do steps of all erasures for a moment."""
    waiting = Erasure.objects.in_work().order_by("pk").values_list("organization", "pk")
    jobs.in_turn(waiting, step, SECONDS)


def step(pk: int) -> bool:
    """Erase a little. Return whether there's more to do right now."""
    with transaction.atomic():
        rows = Erasure.objects.in_work().filter(pk=pk)
        erasure = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if erasure is None:
            return False
        parts = in_order()
        if erasure.part >= len(parts):
            _finish(erasure)
            return False
        part = parts[erasure.part]
        done = part.erase(Person.stored(erasure.person), erasure.after)
        return _store(erasure, part.label, done)


def _store(erasure: Erasure, label: str, done: Step) -> bool:
    """Store how far it is. Return whether it goes on: some texts have to wait for their carrier."""
    waits = done == Step(0, erasure.after)
    if done.erased:
        erasure.counts[label] = erasure.counts.get(label, 0) + done.erased
    if done.after is None:
        erasure.part, erasure.after = erasure.part + 1, 0
    else:
        erasure.after = done.after
    erasure.save(update_fields=["counts", "part", "after"])
    return not waits


def _finish(erasure: Erasure) -> None:
    erasure.finished, erasure.person = timezone.now(), {}
    erasure.save(update_fields=["finished", "person"])
    log.info("erasure_finished", erasure=erasure.pk, lead=erasure.lead_number)

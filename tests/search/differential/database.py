"""Store the records as database rows, in bulk. Triggers maintain the counts of each lead."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from leads import models as leads
from messaging import models as messaging
from search.models import SavedView
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest, SupportRequestMessage
from tests.search.differential.records import Lead, Message, Office, Person, World


@contextmanager
def stored(world: World) -> Iterator[None]:
    """Store the rows until the block ends."""
    with transaction.atomic():
        store(world)
        if connection.vendor == "postgresql":
            # Nothing else runs it before the block ends, and plans without statistics may be slow.
            tables = connection.introspection.table_names()
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {', '.join(tables)}")  # without the catalog's
        yield
        transaction.set_rollback(True)


def store(world: World) -> None:
    for office in world.offices:
        store_office(office)
    insert(map(user, world.people))
    store_leads(world.leads)
    store_messages([message for lead in world.leads for message in lead.messages])
    for office in world.offices:
        store_opt_outs(office)
    insert(
        SavedView(
            organization_id=view.owner.office.id,
            owner_id=view.owner.id,
            name=view.name,
            model={"sms": "message"}.get(view.model, view.model),
            shared=view.shared,
            query=view.text,
        )
        for view in world.views
    )


def insert(rows: Iterable[Any]) -> None:
    instances: list[Model] = list(rows)
    if instances:
        type(instances[0])._default_manager.bulk_create(instances)


def store_office(office: Office) -> None:
    common: dict[str, Any] = {"organization_id": office.id}
    Organization.objects.create(
        id=office.id, slug=office.slug, name=office.slug, time_zone=office.zone
    )
    insert(leads.LeadStatus(**common, label=label) for label in office.statuses.values())
    insert(
        leads.CustomField(**common, name=name, kind=kind, choices=office.options.get(name, []))
        for name, kind in office.custom.items()
    )
    insert(messaging.MessageTemplate(**common, name=name, text=name) for name in office.templates)


def user(person: Person) -> User:
    return User(
        id=person.id,
        organization_id=person.office.id,
        username=person.username,
        first_name=person.first,
        last_name=person.last,
        email=person.email,
        time_zone=person.zone,
    )


def id_of(person: Person | None) -> int | None:
    return person.id if person else None


def store_leads(records: list[Lead]) -> None:
    statuses = {(one.organization_id, one.label): one for one in leads.LeadStatus.objects.all()}
    rows = [
        leads.Lead(
            id=record.id,
            organization_id=record.office.id,
            name=record.name,
            status=statuses[record.office.id, record.office.statuses[record.status]],
            owner_id=id_of(record.owner),
            created_by_id=id_of(record.creator),
            url=record.url,
            description=record.description,
            custom=record.custom,
            created=record.created,
        )
        for record in records
    ]
    insert(rows)
    for record in records:
        store_people(record)
        common: dict[str, Any] = {"organization_id": record.office.id, "lead_id": record.id}
        insert(leads.Address(**common, **vars(one)) for one in record.addresses)
        insert(
            leads.Note(**common, text=one.text, user_id=id_of(one.user), created=one.created)
            for one in record.notes
        )
    for row, record in zip(rows, records, strict=True):
        leads.Lead.objects.filter(id=row.id).update(updated=record.updated)


def store_people(record: Lead) -> None:
    common: dict[str, Any] = {"organization_id": record.office.id}
    rows = [
        leads.Contact(
            **common, lead_id=record.id, name=one.name, title=one.title, created=one.created
        )
        for one in record.contacts
    ]
    insert(rows)
    pairs = list(zip(rows, record.contacts, strict=True))
    insert(
        leads.ContactPhone(**common, contact=row, phone=phone, extension=extension)
        for row, one in pairs
        for phone, extension in one.phones
    )
    insert(
        leads.ContactEmail(**common, contact=row, email=email)
        for row, one in pairs
        for email in one.emails
    )


def store_messages(records: list[Message]) -> None:
    templates = {
        (one.organization_id, one.name): one for one in messaging.MessageTemplate.objects.all()
    }
    insert(
        messaging.SmsMessage(
            id=record.id,
            organization_id=record.lead.office.id,
            lead_id=record.lead.id,
            direction=record.direction,
            status=record.status,
            text=record.text,
            remote_phone=record.remote,
            local_phone=record.local,
            segments=record.segments,
            reason=record.reason,
            codes="\n".join(dict.fromkeys(one.code for one in record.attempts if one.code)) or None,
            receipt=record.receipt,
            user_id=id_of(record.user),
            template=templates.get((record.lead.office.id, record.template)),
            created=record.created,
            scheduled=record.scheduled,
            sent=record.sent,
        )
        for record in records
    )
    insert(
        messaging.Attempt(
            organization_id=record.lead.office.id,
            message_id=record.id,
            number=number,
            carrier=attempt.carrier,
            code=attempt.code,
            state="failed",
        )
        for record in records
        for number, attempt in enumerate(record.attempts, 1)
    )
    for record in records:
        messaging.SmsMessage.objects.filter(id=record.id).update(updated=record.updated)
        if record.in_request:
            store_request(record)


def store_request(record: Message) -> None:
    common: dict[str, Any] = {"organization_id": record.lead.office.id}
    support_request = SupportRequest.objects.create(**common)
    SupportRequestMessage.objects.create(**common, request=support_request, message_id=record.id)


def store_opt_outs(office: Office) -> None:
    common: dict[str, Any] = {"organization_id": office.id}
    for phone in sorted(office.opted_out):
        recipient = messaging.Recipient.objects.create(**common, phone=phone)
        messaging.OptOut.objects.create(**common, recipient=recipient, source="keyword")
    # An opt-out that ended, of a number that several leads have.
    recipient = messaging.Recipient.objects.create(**common, phone="+14155550199")
    messaging.OptOut.objects.create(
        **common, recipient=recipient, source="keyword", ended="2026-11-01T00:00:00Z"
    )

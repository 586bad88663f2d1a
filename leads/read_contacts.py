"""Read the contacts of a lead's page, with their numbers and addresses."""

from typing import Any

from django.db.models import F, Model, QuerySet, prefetch_related_objects

from leads.models import Contact, ContactEmail, ContactPhone, Lead
from smscenter.database.prepared import PreparedRows, by_ids, keep_related


@PreparedRows
def _contacts(lead: int, organization: int) -> QuerySet[Any]:
    return Contact.objects.filter(lead=by_ids(Lead, lead, organization))


@PreparedRows
def _phones(lead: int, organization: int) -> QuerySet[Any]:
    return _of_contacts(ContactPhone.objects.all(), by_ids(Lead, lead, organization))


@PreparedRows
def _emails(lead: int, organization: int) -> QuerySet[Any]:
    return _of_contacts(ContactEmail.objects.all(), by_ids(Lead, lead, organization))


def _of_contacts(rows: QuerySet[Any], lead: Lead) -> QuerySet[Any]:
    return rows.filter(contact__lead=lead, contact__organization=F("organization"))


def read_contacts(lead: Lead) -> list[Contact]:
    """Prefetch `contacts__phones` and `contacts__emails` by compiled queries, once."""
    if "contacts" in getattr(lead, "_prefetched_objects_cache", {}):
        prefetch_related_objects([lead], "contacts__phones", "contacts__emails")
        return list(lead.contacts.all())
    ids = lead.pk, lead.organization_id
    contacts: list[Contact] = _contacts(*ids)
    keep_related(lead, "contacts", contacts)
    for name, rows in (("phones", _phones), ("emails", _emails)):
        by_contact: dict[int, list[Model]] = {contact.pk: [] for contact in contacts}
        for row in rows(*ids) if contacts else ():
            # One that was added since the contacts were read has to wait.
            by_contact.get(row.contact_id, []).append(row)
        for contact in contacts:
            keep_related(contact, name, by_contact[contact.pk])
    return contacts

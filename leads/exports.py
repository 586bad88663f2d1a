"""The columns of the file of leads. Other apps add theirs: those of texts are messaging's."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from leads.models import Contact, Lead
from search.answering import csv_export
from search.answering.csv_export import Prepared
from smscenter.registry import Registry


@dataclass(frozen=True)
class ExportedColumn:
    name: str
    column: Callable[[Any], Any]


exported_columns: Registry[ExportedColumn] = Registry(key=attrgetter("name"))


def _with_contacts(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    return leads.prefetch_related("contacts__phones", "contacts__emails")


def _contact(lead: Lead) -> Contact | None:
    return next(iter(lead.contacts.all()), None)


def _phone(lead: Lead) -> str:
    phones = (phone.phone for contact in lead.contacts.all() for phone in contact.phones.all())
    return next(phones, "")


def _email(lead: Lead) -> str:
    emails = (email.email for contact in lead.contacts.all() for email in contact.emails.all())
    return next(emails, "")


EXPORTED: csv_export.Columns[Lead] = {
    "id": lambda lead: lead.pk,
    "name": lambda lead: lead.name,
    "contact": Prepared(_contact, _with_contacts),
    "phone": Prepared(csv_export.phone(_phone), _with_contacts),
    "email": Prepared(_email, _with_contacts),
    "status": lambda lead: lead.status,
    "owner": lambda lead: lead.owner,
    "website": lambda lead: lead.url,
    "created": lambda lead: lead.created,
    "last activity": lambda lead: lead.last_activity_at,
    "time zone": csv_export.time_zone,
    "SMS": lambda lead: lead.sms_count,
    "failed SMS": lambda lead: lead.failed_sms_count,
    "latest SMS": lambda lead: lead.latest_sms_status,
}


def columns() -> csv_export.Columns[Lead]:
    """Return the columns of leads, then those of other apps."""
    return {**EXPORTED, **{each.name: each.column for each in exported_columns}}

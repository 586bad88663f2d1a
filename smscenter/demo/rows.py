"""A batch of rows, saved parents first. Only one batch is in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, Note
from messaging.models import Attempt, CarrierEvent, Consent, OptOut, Recipient, SmsMessage

ROWS_AT_ONCE = 2000


@dataclass
class Batch:
    """Rows in the order of saving. Texts come lead by lead, because triggers update the lead."""

    leads: list[Lead] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    phones: list[ContactPhone] = field(default_factory=list)
    emails: list[ContactEmail] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    messages: list[SmsMessage] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    events: list[CarrierEvent] = field(default_factory=list)
    recipients: dict[str, Recipient] = field(default_factory=dict)
    opt_outs: list[OptOut] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.messages) >= ROWS_AT_ONCE or len(self.leads) >= ROWS_AT_ONCE // 4

    def recipient(self, phone: str, lead: Lead) -> Recipient:
        if phone not in self.recipients:
            self.recipients[phone] = Recipient(organization=lead.organization, phone=phone)
        return self.recipients[phone]

    def save(self) -> None:
        for contact in self.contacts:
            contact.created = contact.lead.created
        for rows in vars(self).values():
            _save(list(rows.values()) if isinstance(rows, dict) else rows)


def _save(rows: Sequence[models.Model]) -> None:
    if rows:
        manager: models.Manager[Any] = type(rows[0])._default_manager
        manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)

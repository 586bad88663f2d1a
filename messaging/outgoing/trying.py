"""Texts for trying out a number: one to oneself, and ones that fail in known ways.

They're ordinary texts of ordinary leads, so that people see what they'll see every day.
"""

import uuid

from django.db import transaction

from leads.beginning import add_statuses
from leads.models import Contact, ContactPhone, Lead, LeadStatus
from leads.phones import Phone
from messaging import carriers
from messaging.models import SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User

TEST_TEXT = "Test from {organization}: texts from {number} reach this phone."
# Leads of the same form are one lead.
TOKENS = uuid.UUID("0d8c5f53-4a86-4a3c-8f0c-2b1e7b6f3c11")


def send_to_self(user: User, sender: SenderNumber, phone: Phone) -> SmsMessage:
    """Send a test text to someone's own phone. Raises Refused if preflight refuses it."""
    lead = lead_of(user)
    contact = _contact(lead, str(user), phone.e164)
    text = TEST_TEXT.format(organization=lead.organization.name, number=sender.number)
    return outbox.check_and_queue(
        user=user, lead=lead, contact=contact, sender=sender, to=phone.e164, text=text, again=True
    )


def lead_of(user: User) -> Lead:
    """Return the lead for texts to someone's own phone."""
    return _lead(user, f"{user} (test texts)", f"test {user.pk}")


def lead_with(user: User, phone: Phone) -> Lead:
    """Return the same lead, with this phone."""
    lead = lead_of(user)
    _contact(lead, str(user), phone.e164)
    return lead


def sample_failures(user: User) -> Lead | None:
    """Return a lead whose numbers fail in known ways, or None if no carrier in use has any."""
    samples = carriers.sample_failures()
    if not samples:
        return None
    lead = _lead(user, "Sample failures", "sample failures")
    for name, phone in samples:
        _contact(lead, name, phone)
    return lead


def _lead(user: User, name: str, key: str) -> Lead:
    """Return a lead of the organization that's made once, unless somebody deleted it."""
    token = uuid.uuid5(TOKENS, f"{user.organization_id} {key}")
    rows = Lead.objects.visible_to(user)
    if lead := rows.filter(form_token=token).first():
        return lead
    organization = Organization.objects.get(pk=user.organization_id or 0)
    if not LeadStatus.objects.visible_to(user).exists():
        add_statuses(organization)
    rows_with_token = Lead.objects.filter(organization=organization, form_token=token)
    return Lead.objects.create(
        organization=organization,
        name=name,
        status=LeadStatus.objects.visible_to(user)[0],
        owner=user,
        created_by=user,
        form_token=None if rows_with_token.exists() else token,
    )


def _contact(lead: Lead, name: str, phone: str) -> Contact:
    rows = ContactPhone.objects.filter(contact__lead=lead, phone=phone).select_related("contact")
    if found := rows.first():
        return found.contact
    own = {"organization_id": lead.organization_id}
    with transaction.atomic():
        contact = Contact.objects.create(**own, lead=lead, name=name)
        ContactPhone.objects.create(**own, contact=contact, phone=phone)
    return contact

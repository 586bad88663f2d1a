"""Texts from numbers that no lead has: read them, and give them a lead."""

from django.db import transaction

from leads.models import Contact, ContactPhone, Lead, LeadStatus
from leads.phones import Phone
from messaging.incoming import events
from messaging.incoming.texts import wait_for_texts_of
from messaging.models import CarrierEvent, Thread, UnmatchedText
from smscenter.accounts.models import User

# Texts on the page, and those that are moved at once. The worker moves the rest.
MOST_TEXTS = 50


class NoStatusError(Exception):
    """The organization has no lead status, which a lead needs."""


def texts_of(thread: Thread) -> list[UnmatchedText]:
    """Return the newest texts of an unknown number."""
    texts = UnmatchedText.objects.filter(
        organization=thread.organization_id, remote=thread.remote
    ).exclude(state=UnmatchedText.State.MATCHED)
    return list(texts.select_related("sender").order_by("-received", "-id")[:MOST_TEXTS])


def make_lead(thread: Thread, phone: Phone, name: str, user: User) -> Lead:
    """Return a new lead with this number, which the user owns, or the one that has it meanwhile.

    Raises NoStatusError.
    """
    with transaction.atomic():
        # Two people may make one at the same moment, or a text may.
        wait_for_texts_of(thread.organization_id, phone.e164)
        lead = _lead_with(phone, thread) or _new_lead(thread, phone, name, user)
    _move_texts(thread)
    return lead


def attach(thread: Thread, phone: Phone, lead: Lead) -> None:
    """Add the number to a lead as a new contact, unless it has it."""
    with transaction.atomic():
        Lead.objects.select_for_update(no_key=True, of=("self",)).get(pk=lead.pk)
        if not ContactPhone.objects.filter(contact__lead=lead, phone=phone.e164).exists():
            _add_contact(lead, phone)
    _move_texts(thread)


def _lead_with(phone: Phone, thread: Thread) -> Lead | None:
    rows = ContactPhone.objects.filter(organization=thread.organization_id, phone=phone.e164)
    found = rows.select_related("contact__lead").order_by("id").first()
    return found.contact.lead if found else None


def _new_lead(thread: Thread, phone: Phone, name: str, user: User) -> Lead:
    status = LeadStatus.objects.visible_in(thread.organization_id).first()
    if status is None:
        raise NoStatusError
    lead = Lead.objects.create(
        organization_id=thread.organization_id,
        status=status,
        name=name or phone.formatted,
        owner=user,
        created_by=user,
    )
    _add_contact(lead, phone, name)
    return lead


def _add_contact(lead: Lead, phone: Phone, name: str = "") -> None:
    own = {"organization_id": lead.organization_id}
    contact = Contact.objects.create(**own, lead=lead, name=name or phone.formatted)
    ContactPhone.objects.create(**own, contact=contact, phone=phone.e164)


def _move_texts(thread: Thread) -> None:
    """Add the number's texts to the lead that has it now."""
    waiting = UnmatchedText.objects.open().filter(
        organization=thread.organization_id, remote=thread.remote
    )
    for event in CarrierEvent.objects.filter(unmatched__in=waiting).order_by("id")[:MOST_TEXTS]:
        events.process(event)

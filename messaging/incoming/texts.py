"""Incoming texts: which lead they belong to."""

from typing import NamedTuple, TypeAlias

import structlog
from django.db.models import Q
from django.db.models.functions import Coalesce

from leads import phones
from leads.models import Contact, ContactPhone, DeletedLead, Erasure, Lead, LeadStatus
from leads.phones import Phone
from messaging import carriers
from messaging.carriers import IncomingSms
from messaging.composing import segments
from messaging.incoming import optouts, unmatched
from messaging.incoming.notifications import notify_of_reply
from messaging.models import (
    CarrierEvent,
    SenderNumber,
    SmsMessage,
    Thread,
    UnmatchedText,
    sender_id,
)
from messaging.models.sender import SenderNumberQuerySet
from smscenter.accounts.models import Organization
from smscenter.database import locks
from smscenter.wording import quote

log = structlog.get_logger(__name__)

Outcome = CarrierEvent.Outcome
Cause: TypeAlias = UnmatchedText.Cause


class Place(NamedTuple):
    """Where a text belongs."""

    lead_id: int
    contact_id: int | None


def record(event: CarrierEvent) -> None:
    """Add the text to its lead. If there is no lead yet, the event waits, with a note.

    The caller holds the event's lock and saves it.
    """
    text = carriers.get(event.carrier).read_incoming(event.payload)
    number = _sender_number(event.carrier, text)
    if number is None:
        event.note = f"{text.to} isn't a sender number."[:200]
        return
    if not carriers.get(event.carrier).is_of_account(event.payload, number.account):
        event.note = f"{text.to} isn't a sender number of this account."[:200]
        log.warning("callback_of_other_account", callback=event.pk, carrier=event.carrier)
        return
    try:
        phone = phones.parse(text.sender)
    except phones.PhoneNumberError:
        phone = None
    wait_for_texts_of(number.organization_id, phone.e164 if phone else text.sender)
    if _is_repeated(event):
        event.outcome, event.note = Outcome.IGNORED, "Ignored: already received."
        return
    if phone is None:
        event.note = f"{quote(text.sender)} isn't a phone number."[:200]
        unmatched.keep(event, text, text.sender, number, Cause.NOT_A_NUMBER)
        return
    place, cause = _place_of(number, phone)
    if place is not None:
        event.message = _add(event, text, number, place)
        notify_of_reply(event.message)
        event.outcome = Outcome.APPLIED
    else:
        event.note = f"No lead has the number {phone.e164}."
    unmatched.keep(event, text, phone.e164, number, cause)
    optouts.record(text, phone.e164, number, event)


def wait_for_texts_of(organization_id: int, sender: str) -> None:
    """Read a person's texts one after the other, to whichever number, until the transaction ends.

    Otherwise two texts of a stranger would create two leads.
    """
    locks.hold("texts of", organization_id, sender)


def _sender_number(carrier: str, text: IncomingSms) -> SenderNumber | None:
    try:
        number = sender_id.normalize(text.to)
    except phones.PhoneNumberError:
        return None
    rows = SenderNumber.objects.select_related("organization").filter(carrier=carrier, phone=number)
    return rows.own().first() or _trial_number(rows, text.sender)


def _trial_number(rows: SenderNumberQuerySet, sender: str) -> SenderNumber | None:
    """Return the trial's number in the organization that texted this person from it last."""
    senders = rows.filter(trial=True).in_bulk()
    if not senders:
        return None
    try:
        phone = phones.parse(sender).e164
    except phones.PhoneNumberError:
        return None
    texts = SmsMessage.objects.filter(
        organization__in={row.organization_id for row in senders.values()},
        remote_phone=phone,
        sender__in=senders,
        direction=SmsMessage.Direction.OUTGOING,
    )
    latest = texts.order_by("-created", "-pk").values_list("sender", flat=True).first()
    return senders.get(latest or 0)


def _is_repeated(event: CarrierEvent) -> bool:
    """Return whether the text was recorded before, from a callback that looked different."""
    same = CarrierEvent.objects.filter(
        Q(outcome=Outcome.APPLIED) | Q(unmatched__isnull=False),
        carrier=event.carrier,
        kind=event.kind,
        carrier_id=event.carrier_id,
    )
    return bool(event.carrier_id) and same.exclude(pk=event.pk).exists()


def _place_of(number: SenderNumber, phone: Phone) -> tuple[Place | None, Cause | None]:
    """Return where a text from this phone to this number belongs, and why if no lead had it.

    Adds a lead if the organization wants that, and hasn't got too many of these this hour.
    """
    organization = number.organization
    if place := _known_place(number, phone):
        return place, None
    is_blocked = Thread.objects.blocked().of_number(organization.pk, phone.e164).exists()
    if is_blocked or not organization.unknown_senders_become_leads:
        return None, Cause.NO_LEAD
    if unmatched.is_over_limit(organization):
        return None, Cause.LIMIT
    contact = _new_contact(organization, phone)
    return (_at(contact), Cause.NEW_LEAD) if contact else (None, Cause.NO_LEAD)


def _known_place(number: SenderNumber, phone: Phone) -> Place | None:
    """Return the lead that the text belongs to, locked so that nobody deletes or merges it now.

    A deleted lead has no phone: its number is unknown.
    """
    while place := _find_place(number, phone):
        lead = Lead.objects.filter(pk=place.lead_id).select_for_update(no_key=True).first()
        if lead and not DeletedLead.objects.filter(lead=lead).exists():
            return place
    return None


def _find_place(number: SenderNumber, phone: Phone) -> Place | None:
    """Return the lead that was texted last from this number, or else one that has the phone.

    People reply to the number that texted them. Of several leads with the phone, the one with the
    newest activity counts. A lead that was texted and no longer has the phone comes last.
    """
    rows = ContactPhone.objects.visible_in(number.organization_id).filter(phone=phone.e164)
    rows = rows.select_related("contact").order_by(
        "-contact__lead__last_activity_at", "-contact__lead", "contact"
    )
    texted = _texted_last(number, phone)
    if texted is not None:
        at_lead = rows.filter(contact__lead=texted.lead_id)
        found = at_lead.filter(contact=texted.contact_id).first() or at_lead.first()
        if found is not None:
            return _at(found.contact)
    if found := rows.first():
        return _at(found.contact)
    return Place(texted.lead_id, None) if texted else None


def _texted_last(number: SenderNumber, phone: Phone) -> SmsMessage | None:
    """Return the last text from this number that the phone's carrier may have delivered."""
    rows = SmsMessage.objects.visible_in(number.organization_id).filter(
        Q(status=SmsMessage.Status.SENT) | Q(sent__isnull=False),
        remote_phone=phone.e164,
        sender=number,
        direction=SmsMessage.Direction.OUTGOING,
    )
    rows = rows.exclude(lead__in=Erasure.objects.in_work().values("lead_number"))
    return rows.order_by(Coalesce("sent", "created").desc(), "-id").first()


def _at(contact: Contact) -> Place:
    return Place(contact.lead_id, contact.pk)


def _new_contact(organization: Organization, phone: Phone) -> Contact | None:
    """Add a lead named after the number; the organization needs a lead status for that."""
    status = LeadStatus.objects.visible_in(organization.pk).first()
    if status is None:
        return None
    name = phone.formatted
    lead = Lead.objects.create(organization=organization, status=status, name=name)
    contact = Contact.objects.create(organization=organization, lead=lead, name=name)
    ContactPhone.objects.create(organization=organization, contact=contact, phone=phone.e164)
    return contact


def _add(event: CarrierEvent, text: IncomingSms, number: SenderNumber, place: Place) -> SmsMessage:
    count = segments.count(text.text)
    return SmsMessage.objects.create(
        organization=number.organization,
        lead_id=place.lead_id,
        contact_id=place.contact_id,
        sender=number,
        direction=SmsMessage.Direction.INCOMING,
        status=SmsMessage.Status.INBOX,
        text=text.text,
        media=list(text.media) or None,
        remote_phone=phones.parse(text.sender).e164,
        local_phone=number.phone,
        segments=count.segments,
        encoding=count.encoding,
        created=event.received,
    )

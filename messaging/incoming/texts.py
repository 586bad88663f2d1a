"""Incoming texts: which lead they belong to."""

from leads import phones
from leads.models import Contact, ContactPhone, Lead, LeadStatus
from leads.phones import Phone
from messaging import carriers
from messaging.carriers import IncomingSms
from messaging.composing import segments
from messaging.incoming import optouts
from messaging.models import CarrierEvent, SenderNumber, SmsMessage
from smscenter.accounts.models import Organization
from smscenter.wording import quote

Outcome = CarrierEvent.Outcome


def record(event: CarrierEvent) -> None:
    """Add the text to its lead. If there is no lead yet, the event waits, with a note.

    The caller holds the event's lock and saves it.
    """
    text = carriers.get(event.carrier).read_incoming(event.payload)
    number = _sender_number(event.carrier, text)
    if number is None:
        event.note = f"{text.to} isn't a sender number."[:200]
        return
    if _is_repeated(event):
        event.outcome, event.note = Outcome.IGNORED, "Ignored: received before."
        return
    try:
        phone = phones.parse(text.sender)
    except phones.PhoneNumberError:
        event.note = f"{quote(text.sender)} isn't a phone number."[:200]
        return
    contact = _contact_of(number.organization, phone)
    if contact is not None:
        event.message = _add(event, text, number, contact)
        event.outcome = Outcome.APPLIED
    else:
        event.note = f"No lead has the number {phone.e164}."
    optouts.record(text, phone.e164, number, event)


def _sender_number(carrier: str, text: IncomingSms) -> SenderNumber | None:
    """Return the number texted, locked so that a person's texts are read one after the other."""
    try:
        number = phones.parse(text.to)
    except phones.PhoneNumberError:
        return None
    rows = SenderNumber.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("organization").filter(carrier=carrier, phone=number.e164).first()


def _is_repeated(event: CarrierEvent) -> bool:
    """Return whether the text was recorded before, from a callback that looked different."""
    same = CarrierEvent.objects.filter(
        carrier=event.carrier,
        kind=event.kind,
        carrier_id=event.carrier_id,
        outcome=Outcome.APPLIED,
    )
    return bool(event.carrier_id) and same.exclude(pk=event.pk).exists()


def _contact_of(organization: Organization, phone: Phone) -> Contact | None:
    """Return the contact with this number, adding a lead if the organization wants that."""
    found = _known_contact(organization, phone)
    if found is None and organization.unknown_senders_become_leads:
        # Two sender numbers may get texts from the same stranger at the same moment.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        found = _known_contact(organization, phone) or _new_contact(organization, phone)
    return found


def _known_contact(organization: Organization, phone: Phone) -> Contact | None:
    """Return the contact with this number whose lead has the newest activity."""
    rows = ContactPhone.objects.filter(organization=organization, phone=phone.e164)
    newest = rows.order_by("-contact__lead__last_activity_at", "-contact__lead", "contact")
    found = newest.select_related("contact").first()
    return found.contact if found else None


def _new_contact(organization: Organization, phone: Phone) -> Contact | None:
    """Add a lead named after the number; the organization needs a lead status for that."""
    status = LeadStatus.objects.filter(organization=organization).first()
    if status is None:
        return None
    name = phone.formatted
    lead = Lead.objects.create(organization=organization, status=status, name=name)
    contact = Contact.objects.create(organization=organization, lead=lead, name=name)
    ContactPhone.objects.create(organization=organization, contact=contact, phone=phone.e164)
    return contact


def _add(
    event: CarrierEvent, text: IncomingSms, number: SenderNumber, contact: Contact
) -> SmsMessage:
    count = segments.count(text.text)
    return SmsMessage.objects.create(
        organization=number.organization,
        lead_id=contact.lead_id,
        contact=contact,
        sender=number,
        direction=SmsMessage.Direction.INCOMING,
        status=SmsMessage.Status.INBOX,
        text=text.text,
        remote_phone=phones.parse(text.sender).e164,
        local_phone=number.phone,
        segments=count.segments,
        encoding=count.encoding,
        created=event.received,
    )

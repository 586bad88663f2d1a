"""A text that somebody sent to one of our numbers: to which lead it belongs, and what it wishes."""

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


def apply(event: CarrierEvent) -> None:
    """Write the text down at its lead. What belongs to nobody yet stays waiting, with a note.

    The caller holds the event's lock and saves it.
    """
    text = carriers.get(event.carrier).read_incoming(event.payload)
    ours = _our_number(event.carrier, text)
    if ours is None:
        event.note = f"{text.to} is not one of our numbers."[:200]
        return
    if _is_repeated(event):
        event.outcome, event.note = Outcome.IGNORED, "This text came before."
        return
    try:
        sender = phones.parse(text.sender)
    except phones.PhoneNumberError:
        event.note = f"{quote(text.sender)} is no phone number, so no lead can have it."[:200]
        return
    contact = _contact_of(ours.organization, sender)
    if contact is not None:
        event.message = _write(event, text, ours, contact)
        event.outcome = Outcome.APPLIED
    else:
        event.note = f"No lead has the number {sender.e164}."
    optouts.record(text.text, sender.e164, ours, event.message)


def _our_number(carrier: str, text: IncomingSms) -> SenderNumber | None:
    """Locked, so that two texts of one person are read one after the other."""
    try:
        number = phones.parse(text.to)
    except phones.PhoneNumberError:
        return None
    rows = SenderNumber.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("organization").filter(carrier=carrier, phone=number.e164).first()


def _is_repeated(event: CarrierEvent) -> bool:
    """Whether the same text was written down from a callback that looked different."""
    same = CarrierEvent.objects.filter(
        carrier=event.carrier,
        kind=event.kind,
        carrier_id=event.carrier_id,
        outcome=Outcome.APPLIED,
    )
    return bool(event.carrier_id) and same.exclude(pk=event.pk).exists()


def _contact_of(organization: Organization, sender: Phone) -> Contact | None:
    """Whoever has this number, at the lead with the newest activity; else a new lead, if wanted."""
    found = _known(organization, sender)
    if found is None and organization.unknown_senders_become_leads:
        # Two numbers of ours may hear from the same stranger at the same moment.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        found = _known(organization, sender) or _stranger(organization, sender)
    return found


def _known(organization: Organization, sender: Phone) -> Contact | None:
    rows = ContactPhone.objects.filter(organization=organization, phone=sender.e164)
    newest = rows.order_by("-contact__lead__last_activity_at", "-contact__lead", "contact")
    found = newest.select_related("contact").first()
    return found.contact if found else None


def _stranger(organization: Organization, sender: Phone) -> Contact | None:
    status = LeadStatus.objects.filter(organization=organization).first()
    if status is None:
        return None
    name = sender.formatted
    lead = Lead.objects.create(organization=organization, status=status, name=name)
    contact = Contact.objects.create(organization=organization, lead=lead, name=name)
    ContactPhone.objects.create(organization=organization, contact=contact, phone=sender.e164)
    return contact


def _write(
    event: CarrierEvent, text: IncomingSms, ours: SenderNumber, contact: Contact
) -> SmsMessage:
    count = segments.count(text.text)
    return SmsMessage.objects.create(
        organization=ours.organization,
        lead_id=contact.lead_id,
        contact=contact,
        sender=ours,
        direction=SmsMessage.Direction.INCOMING,
        status=SmsMessage.Status.INBOX,
        text=text.text,
        remote_phone=phones.parse(text.sender).e164,
        local_phone=ours.phone,
        segments=count.segments,
        encoding=count.encoding,
        created=event.received,
    )

"""Rows for tests, each with the least that makes it valid."""

from typing import Any

from leads.models import Contact, ContactPhone, Lead, LeadStatus
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import Organization, User

MOBILE = "+14155550123"
OTHER_MOBILE = "+14155550199"
OUR_NUMBER = "+12125550100"


def organization(slug: str) -> Organization:
    made = Organization.objects.create(name=slug.title(), slug=slug)
    LeadStatus.objects.create(organization=made, label="New")
    return made


def user(organization: Organization | None, username: str, **fields: Any) -> User:
    return User.objects.create_user(
        username, password="correct horse", organization=organization, **fields
    )


def lead(owner: User, name: str = "Bluebird Bakery", **fields: Any) -> Lead:
    assert owner.organization is not None
    status = LeadStatus.objects.filter(organization=owner.organization).first()
    return Lead.objects.create(
        **{"organization": owner.organization, "status": status, "owner": owner, "name": name}
        | fields
    )


def contact(lead: Lead, phone: str = MOBILE, name: str = "Ada Baker") -> Contact:
    made = Contact.objects.create(organization=lead.organization, lead=lead, name=name)
    ContactPhone.objects.create(organization=lead.organization, contact=made, phone=phone)
    return made


def sender(organization: Organization, **fields: Any) -> SenderNumber:
    defaults = {
        "phone": OUR_NUMBER,
        "carrier": "sandbox",
        "registered": True,
        "label": "Front desk",
    }
    return SenderNumber.objects.create(organization=organization, **defaults | fields)


def message(lead: Lead, **fields: Any) -> SmsMessage:
    """An outgoing message that was sent, unless told otherwise."""
    defaults: dict[str, Any] = {
        "direction": SmsMessage.Direction.OUTGOING,
        "status": SmsMessage.Status.SENT,
        "text": "Hello",
        "remote_phone": MOBILE,
        "local_phone": OUR_NUMBER,
    }
    return SmsMessage.objects.create(organization=lead.organization, lead=lead, **defaults | fields)

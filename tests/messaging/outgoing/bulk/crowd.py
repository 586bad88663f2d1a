"""Many leads whose texts end in every way, at the sandbox carrier."""

from collections.abc import Sequence
from itertools import cycle

import pytest

from leads.models import Contact, ContactPhone, Lead, LeadStatus
from messaging.carriers.sandbox import numbers
from messaging.carriers.sandbox.numbers import Behavior
from messaging.models import OptOut, Recipient
from smscenter.accounts.models import Organization, User

# What the carrier does with the texts that fail. None of these is retried.
REJECTED = (Behavior(400, 21211), Behavior(400, 21614), Behavior(400, 21610))
REJECTED_OR_UNDELIVERED = (
    *REJECTED[:2],
    Behavior(code=30006, ends="undelivered"),
    Behavior(code=30007, ends="undelivered"),
)
CORRUPT = "+1500"


def create(
    rep: User,
    patch: pytest.MonkeyPatch,
    *,
    good: int,
    refused: int,
    failing: int,
    hanging: int,
    failures: Sequence[Behavior] = REJECTED_OR_UNDELIVERED,
) -> None:
    """Create leads in these groups, and one with a corrupt number.

    `refused` opted out. Numbers starting with +1 500 have no location, so it's never quiet hours.
    """
    organization = rep.organization
    assert organization is not None
    phones = [f"+15007{n:06}" for n in range(good + refused + failing + hanging)]
    _opt_out(organization, phones[:refused])
    end = refused + failing
    for phone, behavior in zip(phones[refused:end], cycle(failures), strict=False):
        patch.setitem(numbers.TO, phone, behavior)
    for phone in phones[end : end + hanging]:
        patch.setitem(numbers.TO, phone, Behavior(hangs=True))
    # In another order, or five hanging requests in a row would look like an outage.
    _leads(rep, organization, [CORRUPT, *sorted(phones, key=lambda phone: phone[::-1])])


def _opt_out(organization: Organization, phones: Sequence[str]) -> None:
    rows = [Recipient(organization=organization, phone=phone) for phone in phones]
    recipients = Recipient.objects.bulk_create(rows)
    OptOut.objects.bulk_create(
        [OptOut(organization=organization, recipient=row, source="keyword") for row in recipients]
    )


def _leads(rep: User, organization: Organization, phones: Sequence[str]) -> None:
    own = {"organization": organization}
    status = LeadStatus.objects.get(organization=organization)
    leads = Lead.objects.bulk_create(
        [Lead(**own, status=status, owner=rep, name=f"Lead {phone}") for phone in phones],
        batch_size=1000,
    )
    contacts = Contact.objects.bulk_create(
        [Contact(**own, lead=lead, name="Ada Baker") for lead in leads], batch_size=1000
    )
    ContactPhone.objects.bulk_create(
        [
            ContactPhone(**own, contact=contact, phone=phone)
            for contact, phone in zip(contacts, phones, strict=True)
        ],
        batch_size=1000,
    )

"""What the lead page shows next to a phone number: whether it can be texted."""

from collections.abc import Iterable, Mapping

from django.urls import reverse

from leads.page import PhoneFact
from leads.phones import Phone
from messaging.models import OptOut, Recipient
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.wording import quote


def facts(organization: Organization, phones: Iterable[str]) -> Mapping[str, list[PhoneFact]]:
    """Return for each number whether it is unsupported, a landline, or opted out."""
    known = Recipient.objects.known(organization, phones)
    by_phone: dict[str, list[PhoneFact]] = {}
    for phone in phones:
        recipient = known.get(phone)
        by_phone[phone] = [
            *_place(organization, Phone(phone)),
            *(_capability(recipient) if recipient else ()),
            *(map(_opt_out, recipient.opt_outs_in_force) if recipient else ()),
        ]
    return by_phone


def _place(organization: Organization, phone: Phone) -> list[PhoneFact]:
    if phone.is_in(organization.regions):
        return []
    return [PhoneFact(f"{Reason.UNSUPPORTED_COUNTRY.label}.", "error", f"{phone.place}.")]


def _capability(recipient: Recipient) -> list[PhoneFact]:
    if recipient.cannot_receive:
        learned = recipient.capability_at
        detail = f"Marked as a landline on {moments.day(learned)}." if learned else ""
        url = reverse("recipient_allow", args=[recipient.pk])
        return [
            PhoneFact(f"{Reason.NOT_SMS_CAPABLE.label}.", "error", detail, "Mark as textable", url)
        ]
    if recipient.capability == Recipient.Capability.ALLOWED:
        return [PhoneFact(f"{recipient.get_capability_display()}.")]
    return []


def _opt_out(opt_out: OptOut) -> PhoneFact:
    day = moments.day(opt_out.created)
    words = f", {quote(opt_out.words)}," if opt_out.words else ""
    detail = f"{opt_out.get_source_display()}{words} on {day}."
    if opt_out.certain:
        return PhoneFact(f"{Reason.OPTED_OUT.label}.", "error", detail)
    return PhoneFact("May have opted out.", "warning", detail)

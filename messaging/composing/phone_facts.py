"""What the lead page shows next to a phone number: whether it can be texted."""

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.http import urlencode

from leads.page import PhoneFact
from leads.phones import Phone
from messaging.models import Consent, OptOut, Recipient
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.wording import quote


def facts(organization: Organization, phones: Iterable[str]) -> Mapping[str, list[PhoneFact]]:
    """Return for each number its consent, and whether it's a landline, opted out, or abroad."""
    known = Recipient.objects.known_once(organization, phones)
    consents = Consent.objects.of_recipients(known.values())
    by_phone: dict[str, list[PhoneFact]] = {}
    for phone in phones:
        recipient = known.get(phone)
        by_phone[phone] = [
            *_place(organization, Phone(phone)),
            *(_capability(recipient) if recipient else ()),
            *(map(_opt_out, recipient.opt_outs_in_force) if recipient else ()),
            _consent(phone, consents.get(phone)),
        ]
    return by_phone


def _place(organization: Organization, phone: Phone) -> list[PhoneFact]:
    if phone.is_in(organization.regions):
        return []
    return [PhoneFact(f"{Reason.UNSUPPORTED_COUNTRY.label}", "error", f"{phone.place}.")]


def _capability(recipient: Recipient) -> list[PhoneFact]:
    if recipient.cannot_receive:
        evidence = recipient.evidence
        return [
            PhoneFact(
                f"{Reason(recipient.capability).label}",
                "error",
                _reported(recipient),
                action="Mark as textable",
                action_url=reverse("recipient_allow", args=[recipient.pk]),
                action_note="Why? (optional)",
                link="See the failed text" if evidence else "",
                link_url=reverse("message_detail", args=[evidence.message_id]) if evidence else "",
            )
        ]
    if recipient.capability == Recipient.Capability.ALLOWED:
        return [PhoneFact(f"{recipient.get_capability_display()}.", detail=_allowed(recipient))]
    return []


def _reported(recipient: Recipient) -> str:
    """Return when a carrier reported a landline or a dead number, and when that expires."""
    learned, expires = recipient.capability_at, recipient.forgotten_at
    if learned is None:
        return ""
    until = f" Expires on {moments.day(expires)}." if expires else ""
    what = "Marked as a landline"
    if recipient.capability == Recipient.Capability.INVALID_NUMBER:
        what = "Reported as out of service"
    return f"{what} on {moments.day(learned)}.{until}"


def _allowed(recipient: Recipient) -> str:
    """Return who marked the number as textable, when, and why."""
    user, at, note = recipient.capability_by, recipient.capability_at, recipient.capability_note
    by = f"By {user}" if user else "Set"
    on = f" on {moments.day(at)}" if at else ""
    return f"{by}{on}{f': {quote(note)}' if note else ''}." if user or at else ""


def _opt_out(opt_out: OptOut) -> PhoneFact:
    day = moments.day(opt_out.created)
    words = f", {quote(opt_out.words)}," if opt_out.words else ""
    scope = "" if opt_out.covers_all else f" Applies to {opt_out.scope}."
    detail = f"{opt_out.get_source_display()}{words} on {day}.{scope}"
    if opt_out.certain:
        return PhoneFact(f"{Reason.OPTED_OUT.label}", "error", detail)
    link = {"link": "Review opt-outs", "link_url": reverse("opt_out_list")}
    return PhoneFact("May have opted out", "warning", detail, **link)


def _consent(phone: str, consent: Consent | None) -> PhoneFact:
    url = f"{reverse('consent_list')}?{urlencode({'phone': phone})}"
    if consent is None:
        return PhoneFact("No consent on record.", link="Record consent", link_url=url)
    detail = f"{consent.method}, {moments.day(consent.given)}."
    return PhoneFact("Consent on record.", detail=detail, link="See consent", link_url=url)

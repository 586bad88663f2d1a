"""What messaging adds to the lead page: texts in the timeline, the composer, phone facts."""

from collections.abc import Iterable, Mapping

from django.urls import reverse

from leads.page import (
    ActivityKind,
    Panel,
    PhoneFact,
    register_activity,
    register_panel,
    register_phone_facts,
)
from leads.phones import Phone
from messaging.composing.composer import composer_for
from messaging.models import OptOut, Recipient, SmsMessage
from smscenter import moments
from smscenter.accounts.models import Organization
from smscenter.wording import quote


def announce(message: SmsMessage) -> str:
    if message.is_incoming:
        return f"New text: {message.text}"
    if message.failed:
        return f"Text failed: {message.why.group.label}. {message.why.label}.{_retry(message)}"
    if message.retry:
        return f"Text not sent yet: {message.why.label}.{_retry(message)}"
    return f"Text: {message.get_status_display()}."


def _retry(message: SmsMessage) -> str:
    retry = message.retry
    return f" Retrying automatically {moments.upcoming(retry.due)}." if retry else ""


def phone_facts(organization: Organization, phones: Iterable[str]) -> Mapping[str, list[PhoneFact]]:
    """Return for each number whether it is unsupported, a landline, or opted out."""
    known = Recipient.objects.known(organization, phones)
    facts: dict[str, list[PhoneFact]] = {}
    for phone in phones:
        recipient = known.get(phone)
        facts[phone] = [
            *_place(organization, Phone(phone)),
            *(_capability(recipient) if recipient else ()),
            *(map(_opt_out, recipient.opt_outs_in_force) if recipient else ()),
        ]
    return facts


def _place(organization: Organization, phone: Phone) -> list[PhoneFact]:
    if phone.is_in(organization.regions):
        return []
    return [PhoneFact("Unsupported country.", "error", f"{phone.place}.")]


def _capability(recipient: Recipient) -> list[PhoneFact]:
    if recipient.cannot_receive:
        learned = recipient.capability_at
        detail = f"Marked as a landline on {moments.day(learned)}." if learned else ""
        url = reverse("recipient_allow", args=[recipient.pk])
        return [PhoneFact("Can't receive texts.", "error", detail, "Mark as textable", url)]
    if recipient.capability == Recipient.Capability.ALLOWED:
        return [PhoneFact("Marked as textable.")]
    return []


def _opt_out(opt_out: OptOut) -> PhoneFact:
    day = moments.day(opt_out.created)
    words = f", {quote(opt_out.words)}," if opt_out.words else ""
    detail = f"{opt_out.get_source_display()}{words} on {day}."
    if opt_out.certain:
        return PhoneFact("Opted out.", "error", detail)
    return PhoneFact("May have opted out.", "warning", detail)


register_activity(
    ActivityKind(
        name="message",
        rows=lambda lead: SmsMessage.objects.for_timeline().filter(lead=lead),
        template="messaging/_message.html",
        is_pending=lambda message: message.is_pending(),
        version=lambda message: message.version,
        announce=announce,
    )
)
register_panel(Panel("messaging/_composer.html", composer_for))
register_phone_facts(phone_facts)

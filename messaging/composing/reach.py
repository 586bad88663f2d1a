"""Which recipients a kind of sender number can text: a short code only those of its country."""

from collections.abc import Iterator

from leads import phones
from leads.phones import Phone
from messaging.composing.verdicts import Level, Verdict
from messaging.models import SenderNumber
from messaging.models.reason import Reason
from messaging.models.sender_id import SenderKind
from smscenter.accounts.models import Organization
from smscenter.wording import quote


def check(organization: Organization, sender: SenderNumber | None, to: str) -> Iterator[Verdict]:
    """Refuse a recipient whom this number can't text. Warn that no one can reply to a name.

    Countries that the organization can't text are refused by another check.
    """
    try:
        phone = phones.parse(to)
    except phones.PhoneNumberError:
        return
    if sender is None or not phone.is_in(organization.regions):
        return
    if not sender.can_text(phone):
        message = f"{_why_not(sender, phone)} Choose another sender number."
        yield Verdict(Level.REFUSAL, "out_of_reach", message, Reason.SENDER_CONFIG)
    elif not sender.takes_replies:
        message = (
            f"Recipients can't reply to {quote(sender.number)}, not even with STOP. "
            "Say how to reach you, and how to opt out."
        )
        yield Verdict(Level.WARNING, "no_replies", message, None)


def _why_not(sender: SenderNumber, phone: Phone) -> str:
    if sender.kind == SenderKind.SHORT_CODE:
        place = phones.with_article(phones.country_name(sender.country))
        return f"The short code {sender.number} can only text numbers in {place}."
    return f"Carriers in {phones.with_article(phone.country)} don't accept texts from a name."

"""Resend the blocked texts of a request after its number was whitelisted."""

from collections.abc import Iterable
from dataclasses import dataclass

from messaging.composing import preflight
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.wording import lowerfirst

# The plan checks each text separately.
MOST = 50


@dataclass(frozen=True)
class Skipped:
    """A text that can't be resent, with the reason in a sentence."""

    message: SmsMessage
    why: str


@dataclass(frozen=True)
class Plan:
    texts: list[SmsMessage]
    skipped: list[Skipped]


def plan(support_request: SupportRequest) -> Plan:
    """Check each text like sending does. Takes up to two queries per text."""
    rows = support_request.messages.select_related("lead__organization", "sender")
    made = Plan([], [])
    for message in rows.order_by("-created", "-id")[:MOST]:
        if why := _refusal(message):
            made.skipped.append(Skipped(message, why))
        else:
            made.texts.append(message)
    return made


def resend(messages: Iterable[SmsMessage], by: User) -> Plan:
    """Resend the texts. Return which were resent, since things may have changed meanwhile."""
    done = Plan([], [])
    for message in messages:
        try:
            outbox.resend(message, by)
        except outbox.Refused as refused:
            done.skipped.append(Skipped(message, str(refused)))
        except outbox.NotFailedError:
            done.skipped.append(Skipped(message, "It was already sent."))
        else:
            done.texts.append(message)
    return done


def _refusal(message: SmsMessage) -> str:
    """Return why this text can't be resent, or an empty string."""
    if not message.failed:
        return f"It didn't fail: {lowerfirst(message.get_status_display())}."
    if message.reason != Reason.SPAM:
        return f"It failed for another reason: {lowerfirst(message.why.label)}."
    verdicts = preflight.check(
        organization=message.lead.organization,
        sender=message.sender,
        to=message.remote_phone,
        text=message.text,
    )
    refusals = preflight.refusals(verdicts)
    return refusals[0].message if refusals else ""

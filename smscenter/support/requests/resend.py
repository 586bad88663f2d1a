"""Resend the blocked texts of a request after its number was whitelisted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from messaging.composing import preflight
from messaging.composing.verdicts import Verdict
from messaging.models import SmsMessage
from messaging.models.message import OLD
from messaging.models.reason import Reason
from messaging.outgoing import outbox
from smscenter import moments
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
    """Texts to resend, with warnings by their ids, and texts that can't be resent.

    `held` are those that wait for the end of quiet hours.
    """

    texts: list[SmsMessage] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: dict[int, list[str]] = field(default_factory=dict)
    held: list[SmsMessage] = field(default_factory=list)


def plan(support_request: SupportRequest) -> Plan:
    """Check each text like sending does. Takes up to two queries per text."""
    rows = support_request.messages.select_related("lead__organization", "sender", "contact")
    rows = rows.prefetch_related("replacements")
    made = Plan()
    for message in rows.order_by("-created", "-id")[:MOST]:
        verdicts = preflight.check_stored(message)
        if why := _refusal(message, verdicts):
            made.skipped.append(Skipped(message, why))
        else:
            made.texts.append(message)
            made.warnings[message.pk] = _warnings(message, verdicts)
    return made


def resend(messages: Iterable[SmsMessage], by: User) -> Plan:
    """Resend the texts. Return which were resent, since things may have changed meanwhile."""
    done = Plan()
    for message in messages:
        try:
            attempt = outbox.resend(message, by)
        except outbox.Refused as refused:
            done.skipped.append(Skipped(message, str(refused)))
        except outbox.NotFailedError:
            done.skipped.append(Skipped(message, "It was already sent."))
        else:
            is_held = attempt.due > timezone.now()
            (done.held if is_held else done.texts).append(message)
    return done


def _warnings(message: SmsMessage, verdicts: list[Verdict]) -> list[str]:
    """Return warnings, but none about spam: the sender number is whitelisted."""
    shown = [verdict.message for verdict in verdicts if verdict.reason != Reason.SPAM]
    return shown if message.is_recent() else [OLD, *shown]


def _refusal(message: SmsMessage, verdicts: list[Verdict]) -> str:
    """Return why this text can't be resent, or an empty string."""
    if not message.failed:
        return f"It didn't fail: {lowerfirst(message.get_status_display())}."
    if message.reason != Reason.SPAM:
        return f"It failed for another reason: {lowerfirst(message.why.label)}."
    if corrections := message.replacements.all():
        return f"It was edited and resent {moments.mentioned(corrections[0].created)}."
    refusals = preflight.refusals(verdicts)
    return refusals[0].message if refusals else ""

"""Texts that nobody wrote: the confirmation of an opt-out, and the reply to HELP.

They are sent although the person opted out, because the person just asked for them, and they aren't
retried. They're never sent twice, even if the carrier reports the incoming text twice.
"""

import uuid

import structlog
from django.utils import timezone

from messaging.composing import preflight
from messaging.models import OptOut, SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import outbox

log = structlog.get_logger(__name__)

OPT_OUT_REPLY = (
    "{name}: You've opted out and won't get more texts from this number. "
    "Reply START to opt back in."
)
HELP_REPLY = (
    "{name}: Reply to this text and we'll get back to you. "
    "Reply STOP to opt out. Message and data rates may apply."
)
# Refusals that don't apply to a reply that the person asked for.
ASKED_FOR = {Reason.OPTED_OUT, Reason.QUIET_HOURS}
TOKENS = uuid.UUID("6f0f4c8e-8a4d-4a52-9a58-0f6a2f1d7c53")


def confirm_opt_out(stop: SmsMessage, opt_out: OptOut) -> SmsMessage | None:
    """Confirm the opt-out of this incoming text, once. Return the reply, if it can be sent."""
    text = stop.organization.opt_out_reply or OPT_OUT_REPLY.format(name=stop.organization.name)
    return _reply(stop, SmsMessage.Automatic.OPT_OUT, text, f"opt-out {opt_out.pk}")


def reply_to_help(question: SmsMessage) -> SmsMessage | None:
    """Reply to HELP, once a day for each person and sender number."""
    organization = question.organization
    text = organization.help_reply or HELP_REPLY.format(name=organization.name)
    today = timezone.localdate(question.created, timezone=organization.zone)
    key = f"help {question.sender_id} {question.remote_phone} {today}"
    return _reply(question, SmsMessage.Automatic.HELP, text, key)


def _reply(
    incoming: SmsMessage, kind: SmsMessage.Automatic, text: str, key: str
) -> SmsMessage | None:
    """Queue a reply to an incoming text. The same `key` of an organization is one reply."""
    sender = incoming.sender
    verdicts = preflight.check(
        organization=incoming.organization, sender=sender, to=incoming.remote_phone, text=text
    )
    refusals = [each for each in preflight.refusals(verdicts) if each.reason not in ASKED_FOR]
    if sender is None or refusals:
        codes = [refusal.code for refusal in refusals]
        log.warning("automatic_reply_refused", message=incoming.pk, kind=kind, refusals=codes)
        return None
    return outbox.queue(
        user=None,
        lead=incoming.lead,
        contact=incoming.contact,
        sender=sender,
        to=incoming.remote_phone,
        text=text,
        form_token=uuid.uuid5(TOKENS, key),
        automatic=kind,
    )

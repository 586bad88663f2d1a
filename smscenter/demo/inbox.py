"""The inbox of the demo: recent replies, unknown numbers, and what the rep has read."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from leads.models import LeadVisit
from messaging.models import (
    CarrierEvent,
    OptOut,
    SenderNumber,
    SmsMessage,
    Thread,
    UnmatchedText,
)
from smscenter.demo.clock import Clock
from smscenter.demo.organizations import Cast

# Older replies were dealt with.
WAITING = timedelta(days=4)
# From numbers that no lead has: how many minutes before now, and the text.
UNKNOWN = [
    ("+15035550171", 20, "Hi, got your flyer. Do you also do flat roofs?"),
    ("+15035550171", 18, "It's a bakery in Portland, about 4,000 sq ft"),
    ("+19175550148", 165, "Who is this?"),
    ("+13035550126", 1500, "My neighbor gave me your number. Could someone call me about a quote?"),
]
# New replies to texts of the rep and of others: whose, how many minutes before now, and the text.
REPLIES = [
    ("rep", 4, "Tuesday works. Can you bring the numbers for the second roof?"),
    ("rep", 31, "Photo of the meter is coming tonight"),
    ("dana", 52, "Can the roof carry that weight?"),
    ("rep", 96, "Sounds good. What would it cost with batteries?"),
    ("jesse", 125, "ok thx"),
    ("rep", 148, "Yes please, mornings are best"),
    ("rep", 1450, "We'd like to wait until spring. Could you call me in March?"),
    ("dana", 1560, "Tuesday at 10 is perfect"),
]
SHORT_CODE, CODE = "72975", "Your verification code is 402913"
READ = 3  # of four


def fill(cast: Cast, clock: Clock) -> None:
    """Settle old threads, add unknown numbers, and let the rep read some threads."""
    threads = Thread.objects.filter(organization=cast.organization)
    stopped = threads.filter(lead__in=_opted_out(cast))
    for settled in (threads.filter(received__lt=clock.end - WAITING), stopped):
        settled.filter(state=Thread.State.WAITING).update(state=Thread.State.DONE)
    for owner, minutes, text in REPLIES:
        _reply(cast, owner, clock.end - timedelta(minutes=minutes), text)
    for phone, minutes, text in UNKNOWN:
        _unknown(cast.main, clock, phone, minutes, text)
    _unknown(cast.main, clock, SHORT_CODE, 700, CODE)
    waiting = list(threads.filter(state=Thread.State.WAITING).exclude(lead=None).order_by("-due"))
    for number, thread in enumerate(waiting):
        if number % 4 == READ:
            _read(thread, cast)
    if waiting:
        threads.filter(pk=waiting[-1].pk).update(due=clock.at(-1, timedelta(hours=8)))
        threads.filter(pk=waiting[len(waiting) // 2].pk).update(assignee=None)


def _opted_out(cast: Cast) -> QuerySet[Any, Any]:
    """Return the IDs of leads that answered with STOP, and don't answer anything else."""
    stops = OptOut.objects.filter(organization=cast.organization, source="keyword")
    return stops.exclude(message__lead=None).values("message__lead")


def _reply(cast: Cast, owner: str, at: datetime, words: str) -> None:
    """Let someone reply to the last text of a lead, at best of this owner's."""
    texts = SmsMessage.objects.filter(
        organization=cast.organization,
        pk=F("lead__latest_sms_id"),
        status=SmsMessage.Status.SENT,
        created__lt=at,
    )
    texts = texts.exclude(lead__in=_opted_out(cast))
    texts = texts.exclude(lead__thread__state=Thread.State.WAITING).order_by("-created", "id")
    if text := texts.filter(lead__owner__username=owner).first() or texts.first():
        SmsMessage.objects.create(
            organization_id=text.organization_id,
            lead_id=text.lead_id,
            contact_id=text.contact_id,
            sender_id=text.sender_id,
            direction=SmsMessage.Direction.INCOMING,
            status=SmsMessage.Status.INBOX,
            text=words,
            remote_phone=text.remote_phone,
            local_phone=text.local_phone,
            created=at,
        )


def _read(thread: Thread, cast: Cast) -> None:
    assert thread.lead is not None  # noqa: S101 - for the type checker
    LeadVisit.objects.create(
        organization=cast.organization,
        lead=thread.lead,
        user=cast.rep,
        seen=thread.received,
    )


def _unknown(sender: SenderNumber, clock: Clock, phone: str, minutes: int, text: str) -> None:
    """Store a text with its carrier's callback, so that it can move to a lead."""
    digest = hashlib.sha256(f"{phone} {text}".encode()).hexdigest()
    received = clock.end - timedelta(minutes=minutes)
    is_code = not phone.startswith("+")
    event = CarrierEvent.objects.create(
        carrier=sender.carrier,
        kind=CarrierEvent.Kind.INBOUND,
        event_id=digest,
        carrier_id=f"SM{digest[:32]}",
        payload=[
            ["MessageSid", f"SM{digest[:32]}"],
            ["From", phone],
            ["To", sender.phone],
            ["Body", text],
        ],
        note="“72975” isn't a phone number." if is_code else f"No lead has the number {phone}.",
        received=received,
    )
    causes = UnmatchedText.Cause
    UnmatchedText.objects.create(
        organization=sender.organization,
        sender=sender,
        event=event,
        remote=phone,
        text=text,
        cause=causes.NOT_A_NUMBER if is_code else causes.NO_LEAD,
        received=received,
    )

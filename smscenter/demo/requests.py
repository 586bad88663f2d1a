"""Support requests of the demo organization."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.demo.organizations import Cast
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests import failed_texts
from smscenter.support.requests.evidence import add_evidence
from smscenter.support.requests.moves import move
from smscenter.support.requests.uploads import inspect_upload
from smscenter.support.requests.warnings import WANTED

BUSINESS = {
    "website": "https://northwindsolar.example",
    "content_type": "Replies to inquiries about solar panels, and appointment reminders",
    "opted_in": SupportRequest.OptedIn.YES,
    "relationship": "They asked us for a quote, on our website or by phone.",
    "opt_in_method": "The quote form on our website, with a checkbox",
    "opt_in_page": "https://northwindsolar.example/quote",
    "opt_out_wording": "Reply STOP to opt out.",
    "volume": 3_600,
}
FORM = b"""The quote form on our website since May:

Name, street, phone.
[ ] Yes, text me about my quote. Reply STOP at any time to opt out. Message rates may apply.
"""
EXAMPLE = "Hi Ada, this is Robin from Northwind Solar. Does Tuesday at 10 work for the site survey?"
QUESTION = "Who added people to the list for the spring offer, and how did they opt in?"
ANSWER = (
    "The carrier holds texts from numbers that suddenly send much more than usual. "
    "The block ended on Monday. You can resend the text."
)

WHITELISTED_FOR = timedelta(days=90)


def create(cast: Cast) -> None:
    """Create requests: new, with a question from support, whitelisted, a draft, and answered."""
    support = User.objects.get(username="support")
    waits = _whitelisting(cast, cast.own or cast.main)
    move(waits, State.SUBMITTED, cast.rep)
    support_request = _whitelisting(cast, cast.main)
    add_evidence(
        support_request, [inspect_upload(SimpleUploadedFile("quote form.txt", FORM))], cast.rep
    )
    move(support_request, State.SUBMITTED, cast.rep)
    move(support_request, State.MORE_INFORMATION, support, QUESTION)
    if cast.reminders:
        _whitelist(_whitelisting(cast, cast.reminders), cast.rep, support)
    _whitelisting(cast, cast.unregistered or cast.main, content_type="", relationship="")
    question = _question(cast)
    move(question, State.SUBMITTED, cast.rep)
    move(question, State.ANSWERED, support, ANSWER)


def _whitelist(support_request: SupportRequest, rep: User, support: User) -> None:
    move(support_request, State.SUBMITTED, rep)
    move(support_request, State.SENT_TO_CARRIER, support)
    expires = timezone.now() + WHITELISTED_FOR
    move(support_request, State.WHITELISTED, support, expires=expires)


def _whitelisting(cast: Cast, sender: SenderNumber, **different: Any) -> SupportRequest:
    failed = failed_texts.failed_messages(cast.rep, sender)
    blocked = list(failed.filter(reason=Reason.SPAM)[:WANTED])
    support_request = SupportRequest.objects.create(
        organization=cast.organization,
        created_by=cast.rep,
        sender=sender,
        **BUSINESS | {"examples": failed_texts.examples(blocked) or EXAMPLE} | different,
    )
    support_request.attach(blocked)
    return support_request


def _question(cast: Cast) -> SupportRequest:
    failed = SmsMessage.objects.visible_to(cast.rep).failed()
    stopped = failed.filter(reason=Reason.FRAUD_BLOCK).order_by("-created", "-id")[:1]
    support_request = SupportRequest.objects.create(
        organization=cast.organization,
        created_by=cast.rep,
        kind=SupportRequest.Kind.OTHER,
        subject="Why was this text blocked as possible fraud?",
        body="We texted a longtime customer. Did we do something wrong?",
    )
    support_request.attach(stopped)
    return support_request

"""Warn of what makes carriers refuse a whitelist request."""

from collections.abc import Iterable, Iterator

from django.db.models import Q

from leads.phones import Phone
from messaging.composing import spam_marks
from messaging.models import OptOut
from messaging.models.reason import Reason
from smscenter.support.models import SupportRequest

# Carriers want this many texts or more.
WANTED = 3


def warnings(support_request: SupportRequest) -> Iterator[str]:
    """Yield what makes a refusal more likely, in sentences. None of it prevents the request."""
    if support_request.website and not support_request.website_url:
        yield f"“{support_request.website}” doesn't look like a website address."
    yield from map(str, spam_marks.find(support_request.examples))
    messages = list(support_request.messages.all())
    blocked = [message for message in messages if message.reason == Reason.SPAM]
    if not blocked:
        yield "This request doesn't include any texts flagged as spam."
    elif len(blocked) < WANTED:
        yield f"Carriers usually want {WANTED} or more blocked texts from the last 72 hours."
    if support_request.opted_in == SupportRequest.OptedIn.NO:
        yield "The recipient didn't opt in. Carriers rarely whitelist texts sent without consent."
    for phone in _opted_out(support_request, {message.remote_phone for message in messages}):
        yield f"{Phone(phone)} has opted out of your texts."


def _opted_out(support_request: SupportRequest, phones: set[str]) -> Iterable[str]:
    opt_outs = OptOut.objects.filter(
        Q(sender=None) | Q(sender=support_request.sender),
        recipient__organization=support_request.organization_id,
        recipient__phone__in=phones,
        ended=None,
    )
    phone = "recipient__phone"
    return opt_outs.order_by(phone).values_list(phone, flat=True).distinct()

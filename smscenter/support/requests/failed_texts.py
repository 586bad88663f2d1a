"""What a whitelist request rests on: failed messages, and what stands against it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from leads.phones import Phone
from messaging.models import OptOut, SenderNumber, SmsMessage, SmsMessageQuerySet
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.requests import content

# Carriers look into messages of the last 72 hours, and want three or more of them.
WINDOW = timedelta(hours=72)
WANTED = 3
MOST = 20
# A browser sends each end of line as two characters.
EXAMPLES_LIMIT = 9_000


def failed_messages(user: User, sender: SenderNumber) -> SmsMessageQuerySet:
    """The failed messages from this number that this person may see, newest first."""
    own = Q(sender=sender) | Q(sender=None, local_phone=sender.phone)
    return SmsMessage.objects.visible_to(user).failed().filter(own).order_by("-created", "-id")


def offered(
    user: User, sender: SenderNumber, also: set[int], at: datetime | None = None
) -> SmsMessageQuerySet:
    """The newest of the window that a spam filter blocked, and `also` those with these ids."""
    failed = failed_messages(user, sender)
    since = (at or timezone.now()) - WINDOW
    blocked = failed.filter(reason=Reason.SPAM, created__gte=since)
    return failed.filter(pk__in=also.union(blocked.values_list("pk", flat=True)[:MOST]))


def examples(messages: Iterable[SmsMessage]) -> str:
    """Each text once, as the recipient would have read it, as many as the field takes."""
    texts = dict.fromkeys(message.sent_text or message.text for message in messages)
    chosen = ""
    for text in texts:
        longer = f"{chosen}\n\n{text}".strip()
        if len(longer) <= EXAMPLES_LIMIT:
            chosen = longer
    return chosen


def warnings(support_request: SupportRequest) -> Iterator[str]:
    """What makes a refusal more likely, in sentences. None of it forbids to ask."""
    if support_request.website and not support_request.website_url:
        yield f"“{support_request.website}” doesn't look like a website address."
    yield from content.warnings(support_request.examples)
    messages = list(support_request.messages.all())
    blocked = [message for message in messages if message.reason == Reason.SPAM]
    if not blocked:
        yield "This request doesn't include any texts identified as spam."
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

"""Find the failed texts that a whitelist request can include."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from messaging.models import Consent, SenderNumber, SmsMessage, SmsMessageQuerySet
from messaging.models.reason import Reason
from smscenter.accounts.models import User

# Carriers look at texts of the last 72 hours.
WINDOW = timedelta(hours=72)
MOST = 20
# Below the limit of the field, because browsers send each line break as two characters.
EXAMPLES_LIMIT = 9_000
# The limit of the field for the wording that people agreed to.
LONGEST_WORDING = 2_000


def failed_messages(user: User, sender: SenderNumber) -> SmsMessageQuerySet:
    """Return the failed texts from this number that this person can see, newest first."""
    own = Q(sender=sender) | Q(sender=None, local_phone=sender.phone)
    return SmsMessage.objects.visible_to(user).failed().filter(own).order_by("-created", "-id")


def offered(
    user: User, sender: SenderNumber, also: set[int], at: datetime | None = None
) -> SmsMessageQuerySet:
    """Return the newest texts blocked by a spam filter, and those with the ids in `also`."""
    failed = failed_messages(user, sender)
    since = (at or timezone.now()) - WINDOW
    blocked = failed.filter(reason=Reason.SPAM, created__gte=since)
    return failed.filter(pk__in=also.union(blocked.values_list("pk", flat=True)[:MOST]))


def examples(messages: Iterable[SmsMessage]) -> str:
    """Return the texts as sent, each once, as many as fit in the field."""
    texts = dict.fromkeys(message.sent_text or message.text for message in messages)
    chosen = ""
    for text in texts:
        longer = f"{chosen}\n\n{text}".strip()
        if len(longer) <= EXAMPLES_LIMIT:
            chosen = longer
    return chosen


def opt_in(messages: Iterable[SmsMessage]) -> dict[str, Any]:
    """Return how the first recipient with consent on record opted in, as the form's values."""
    texts = list(messages)
    if not texts:
        return {}
    consents = Consent.objects.by_phone(
        texts[0].organization, [message.remote_phone for message in texts]
    )
    known = (consents.get(message.remote_phone) for message in texts)
    consent = next(filter(None, known), None)
    if consent is None:
        return {}
    return {
        "opt_in_method": consent.method,
        "opt_in_date": timezone.localdate(consent.given),
        "opt_in_wording": consent.wording[:LONGEST_WORDING],
        "opt_in_page": consent.page,
    }

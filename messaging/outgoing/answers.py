"""A thread of the inbox waits again if its only answer failed, until the text goes out after all.

New texts answer a thread by database triggers. What becomes of them later is decided here, because
only failures cost anything: almost all texts are sent.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from messaging.models import BulkItem, BulkSend, SmsMessage, SmsMessageQuerySet, Thread
from messaging.models.reason import Reason

State, Status = Thread.State, SmsMessage.Status


def reopen(failed: SmsMessage, reason: Reason) -> None:
    """Reopen the thread that a text had answered, unless nothing can be sent to this person."""
    answered = Thread.objects.filter(lead=failed.lead_id, state=State.ANSWERED)
    # Most texts are no replies, and this costs them one small query.
    received = answered.values_list("received", flat=True).first()
    if received is None or received > failed.created or reason == Reason.OPTED_OUT:
        return
    texts = _answers().filter(lead=failed.lead_id, created__gte=received)
    others = texts.exclude(status__in=[Status.DRAFT, Status.ERROR])
    if texts.filter(pk=failed.pk).exists() and not others.exists():
        answered.filter(received=received).update(state=State.WAITING, due=received)


def close(sent: Iterable[int]) -> None:
    """Mark the threads as answered that these texts answer, when they're sent again."""
    texts = _answers().filter(pk__in=list(sent))
    waiting = Thread.objects.filter(state=State.WAITING, lead__in=texts.values("lead"))
    since = texts.filter(lead=OuterRef("lead"), created__gte=OuterRef("received"))
    waiting.filter(Exists(since)).update(state=State.ANSWERED)


def _answers() -> SmsMessageQuerySet:
    """Return what people wrote. A new bulk send answers no one's question."""
    bulk = BulkItem.objects.filter(message=OuterRef("pk")).exclude(bulk__kind=BulkSend.Kind.RESEND)
    texts = SmsMessage.objects.filter(direction=SmsMessage.Direction.OUTGOING, automatic="")
    return texts.filter(~Exists(bulk))

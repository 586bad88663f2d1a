"""Notifications of the demo organization: what happened in two days, read but for the newest."""

from collections.abc import Iterable
from datetime import timedelta

from leads.page import place_of
from messaging.incoming.notifications import REPLY
from messaging.models import SmsMessage
from messaging.outgoing.notifications import FAILURE
from smscenter.demo.clock import Clock
from smscenter.demo.organizations import Cast
from smscenter.notifications.models import Notification

PERIOD, UNREAD_FOR = timedelta(days=2), timedelta(hours=8)
MOST = 60  # of each kind


def create(cast: Cast, clock: Clock) -> None:
    """Create notifications of replies and failures."""
    texts = SmsMessage.objects.filter(
        organization=cast.organization,
        created__gt=clock.now - PERIOD,
        created__lte=clock.now,
    )
    texts = texts.select_related("lead").order_by("-created", "-pk")
    replies = texts.filter(direction=SmsMessage.Direction.INCOMING)
    Notification.objects.bulk_create(
        [
            *_rows(REPLY, ((text, text.lead.owner_id) for text in replies[:MOST]), clock),
            *_rows(FAILURE, ((text, text.user_id) for text in texts.failed()[:MOST]), clock),
        ]
    )


def _rows(
    kind: str, texts: Iterable[tuple[SmsMessage, int | None]], clock: Clock
) -> Iterable[Notification]:
    for text, user in texts:
        if user is not None:
            yield Notification(
                organization_id=text.organization_id,
                user_id=user,
                kind=kind,
                subject=text.pk,
                place=place_of(text.lead_id),
                created=text.created,
                read=None if text.created > clock.now - UNREAD_FOR else text.created,
            )

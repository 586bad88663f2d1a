"""Notify people of their texts that failed, one by one or in a bulk send."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from leads.page import place_of
from messaging.models import BulkSend, SmsMessage
from smscenter.notifications.models import Notification
from smscenter.notifications.notify import notify

FAILURE, FAILED_BULK = "failure", "failed_bulk"


def notify_of_failure(message: SmsMessage, attempt_number: int) -> None:
    """Notify who sent a text that it failed. Those of a bulk send are one notification."""
    if message.user_id is None:
        return
    if bulk := _bulk_of(message):
        _notify_of_bulk(bulk)
        return
    notify(
        FAILURE,
        [message.user_id],
        organization=message.organization_id,
        subject=message.pk,
        occurrence=attempt_number,
        place=place_of(message.lead_id),
    )


def settle(messages: Iterable[int]) -> None:
    """Mark notifications of these failures as read: the texts were sent, or someone handled it."""
    ids = list(messages)
    users = SmsMessage.objects.filter(pk__in=ids).exclude(user=None).values("user")
    rows = Notification.objects.filter(user__in=users, kind=FAILURE, subject__in=ids)
    rows.mark_read()


def _bulk_of(message: SmsMessage) -> BulkSend | None:
    """Return the last bulk send of a text, and whether its author was notified, in one query."""
    notified = Notification.objects.filter(
        user=OuterRef("created_by"), kind=FAILED_BULK, subject=OuterRef("pk")
    )
    bulks = BulkSend.objects.filter(items__message=message.pk).order_by("-pk")
    return bulks.defer("selection").annotate(is_notified=Exists(notified)).first()


def _notify_of_bulk(bulk: Any) -> None:
    """Notify who created a bulk send. Each of its failures asks, and only the first one writes."""
    if bulk.created_by_id and not bulk.is_notified:
        notify(
            FAILED_BULK,
            [bulk.created_by_id],
            organization=bulk.organization_id,
            subject=bulk.pk,
            place=f"bulk:{bulk.pk}",
        )

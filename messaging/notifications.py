"""What messaging notifies people of: replies, and texts that failed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.text import Truncator

from leads.models import Lead
from leads.page import place_of
from messaging.models import BulkSend, SmsMessage
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.notifications.kinds import Description
from smscenter.notifications.models import Notification
from smscenter.notifications.notify import notify

REPLY, FAILURE, FAILED_BULK = "reply", "failure", "failed_bulk"
LONGEST_NOTE = 200


def notify_of_reply(message: SmsMessage) -> None:
    """Notify the lead's owner, and who texted this person last."""
    owners = Lead.objects.filter(pk=message.lead_id).values_list("owner", flat=True)
    sent = SmsMessage.objects.filter(
        organization=message.organization_id,
        remote_phone=message.remote_phone,
        lead=message.lead_id,
        direction=SmsMessage.Direction.OUTGOING,
    )
    texters = sent.exclude(user=None).order_by("-created").values_list("user", flat=True)
    notify(
        REPLY,
        filter(None, [owners.first(), texters.first()]),
        organization=message.organization_id,
        subject=message.pk,
        place=place_of(message.lead_id),
    )


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


def describe_replies(rows: Sequence[Notification]) -> Mapping[int, Description]:
    messages = _messages(rows)
    return {
        row.pk: _describe_reply(messages[row.subject]) for row in rows if row.subject in messages
    }


def describe_failures(rows: Sequence[Notification]) -> Mapping[int, Description]:
    messages = _messages(rows)
    return {
        row.pk: _describe_failure(messages[row.subject]) for row in rows if row.subject in messages
    }


def describe_bulks(rows: Sequence[Notification]) -> Mapping[int, Description]:
    bulks = BulkSend.objects.for_list().filter(
        organization__in={row.organization_id for row in rows}
    )
    found = bulks.in_bulk({row.subject for row in rows})
    return {
        row.pk: Description(
            f"Texts failed in your bulk send from {moments.mentioned(found[row.subject].created)}",
            f"{found[row.subject].get_absolute_url()}?bucket=failed",
        )
        for row in rows
        if row.subject in found
    }


def _messages(rows: Sequence[Notification]) -> dict[int, SmsMessage]:
    messages = SmsMessage.objects.select_related("lead", "contact").filter(
        organization__in={row.organization_id for row in rows}
    )
    return messages.in_bulk({row.subject for row in rows})


def _describe_reply(message: SmsMessage) -> Description:
    return Description(
        f"Reply from {_person(message)}",
        _url(message),
        note=Truncator(message.summary).chars(LONGEST_NOTE),
        several=lambda number: f"{number} replies from {message.lead}",
    )


def _describe_failure(message: SmsMessage) -> Description:
    sentence = f"Text to {_person(message)} failed"
    reason = Reason(message.reason).label if message.reason else ""
    return Description(
        sentence,
        _url(message),
        note=Truncator(message.text).chars(LONGEST_NOTE),
        reason=reason,
        subject=f"{sentence}: {reason}" if reason else sentence,
        several=lambda number: f"{number} texts to {message.lead} failed",
    )


def _person(message: SmsMessage) -> str:
    """Return the person's name and the lead's, or one of them if they're the same."""
    name, lead = str(message.contact or message.number.formatted), str(message.lead)
    return name if name == lead else f"{name}, {lead}"


def _url(message: SmsMessage) -> str:
    return f"{message.lead.get_absolute_url()}#message-{message.pk}"

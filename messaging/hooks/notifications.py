"""What messaging notifies people of: replies, texts that failed, and alerts."""

from collections.abc import Mapping, Sequence

from django.utils.text import Truncator

from messaging.deliverability.alerts import notices
from messaging.incoming.notifications import REPLY
from messaging.models import BulkSend, SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing.notifications import FAILED_BULK, FAILURE
from smscenter import moments
from smscenter.notifications.kinds import Description, Kind, MailChoice, kinds
from smscenter.notifications.models import Notification

LONGEST_NOTE = 200


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


kinds.register(
    Kind(
        REPLY,
        "Replies from your leads, or to your texts",
        "chat-bubble-left",
        describe_replies,
        too_many="More than 100 replies arrived in an hour",
        all_page="message_list",
        mail=MailChoice.DIGEST,
        desktop=True,
    )
)
kinds.register(
    Kind(
        FAILURE,
        "Your failed texts",
        "exclamation-triangle",
        describe_failures,
        too_many="More than 100 texts failed in an hour",
        all_page="message_list",
        mail=MailChoice.DIGEST,
        desktop=True,
    )
)
kinds.register(
    Kind(
        notices.ALERT,
        "Alerts about failed and waiting texts",
        "chart-bar",
        notices.describe_alerts,
        too_many="More than 100 alerts in an hour",
        all_page="deliverability",
        mail=MailChoice.EACH,
        is_for=notices.is_for,
    )
)
kinds.register(
    Kind(
        notices.WEEKLY,
        "Weekly summary of texts",
        "chart-bar",
        notices.describe_weeks,
        too_many="More than 100 weekly summaries",
        all_page="deliverability",
        mail=MailChoice.EACH,
        is_for=notices.is_for,
    )
)
kinds.register(
    Kind(
        FAILED_BULK,
        "Your bulk sends with failed texts",
        "exclamation-triangle",
        describe_bulks,
        too_many="Texts failed in more than 100 of your bulk sends",
        all_page="bulk_list",
        settings_of=FAILURE,
    )
)

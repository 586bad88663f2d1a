"""What a row of the list of texts shows: `templates/messaging/_row.html`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from leads.phones import Phone
from messaging.models import SmsMessage, media
from messaging.models.reason import Reason
from smscenter.accounts.models import name_of, shown_name
from smscenter.rendering.row_urls import row_url
from smscenter.templatetags import moments
from smscenter.templatetags.wording import shorten
from smscenter.wording import lowerfirst

# What is read of each text.
COLUMNS = (
    "id",
    "lead_id",
    "user_id",
    "direction",
    "status",
    "reason",
    "text",
    "media",
    "automatic",
    "remote_phone",
    "local_phone",
    "segments",
    "created",
    "scheduled",
    "lead__name",
    "contact__name",
    *name_of("user"),
)
LONGEST_PREVIEW = 120
# What a row says of a text that isn't sent, received, or failed.
STATUSES = {str(value): lowerfirst(label) for value, label in SmsMessage.Status.choices}


class MessageKind(NamedTuple):
    """What the HTML of a row depends on."""

    shown: frozenset[str]
    has_actions: bool
    is_incoming: bool
    status: str
    is_unconfirmed: bool
    is_waiting: bool


@dataclass(frozen=True)
class MessageRow:
    """A text in a list with these columns, and with the IDs of those that aren't sent yet."""

    message: Any  # with COLUMNS
    shown: frozenset[str]
    has_actions: bool
    unconfirmed: Collection[int]
    waiting: Collection[int]

    @property
    def kind(self) -> MessageKind:
        message = self.message
        return MessageKind(
            shown=self.shown,
            has_actions=self.has_actions,
            is_incoming=self.is_incoming,
            status=message.status,
            is_unconfirmed=message.id in self.unconfirmed,
            is_waiting=message.id in self.waiting,
        )

    @property
    def is_incoming(self) -> bool:
        return bool(self.message.direction == SmsMessage.Direction.INCOMING)

    @property
    def pk(self) -> int:
        return int(self.message.id)

    @property
    def url(self) -> str:
        return row_url("message_detail", self.message.id)

    @property
    def preview(self) -> str:
        summary = media.summarize(self.message.text, self.message.media)
        return shorten(summary, LONGEST_PREVIEW) or "(no text)"

    @property
    def lead(self) -> str:
        return str(self.message.lead__name)

    @property
    def lead_url(self) -> str:
        return row_url("lead_detail", self.message.lead_id)

    @property
    def timeline_url(self) -> str:
        """Return the URL of the text on the lead's page."""
        return f"{self.lead_url}#message-{self.pk}"

    @property
    def reason(self) -> str:
        return str(Reason(self.message.reason).label)

    @property
    def meaning(self) -> str:
        """Return what the reason means."""
        return Reason(self.message.reason).advice.meaning

    @property
    def status(self) -> str:
        return STATUSES[self.message.status]

    @property
    def scheduled(self) -> str:
        return moments.upcoming(self.message.scheduled)

    @property
    def number(self) -> str:
        return Phone(self.message.remote_phone).formatted

    @property
    def by(self) -> str:
        message = self.message
        if self.is_incoming:
            return message.contact__name or ""
        if message.automatic:
            return "Automatic"
        if message.user_id is None:
            return ""
        return shown_name(message.user__username, message.user__first_name, message.user__last_name)

    @property
    def sender(self) -> str:
        return Phone(self.message.local_phone).formatted

    @property
    def segments(self) -> int:
        return int(self.message.segments)

    @property
    def created(self) -> str:
        return moments.brief(self.message.created)

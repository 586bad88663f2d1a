"""What a row of the list of texts shows: `templates/messaging/_row.html`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from messaging.models import SmsMessage
from smscenter.templatetags import moments
from smscenter.templatetags.wording import shorten
from smscenter.wording import lowerfirst

LONGEST_PREVIEW = 120


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

    message: SmsMessage
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
            is_incoming=message.is_incoming,
            status=message.status,
            is_unconfirmed=message.pk in self.unconfirmed,
            is_waiting=message.pk in self.waiting,
        )

    @property
    def pk(self) -> int:
        return self.message.pk

    @property
    def url(self) -> str:
        return self.message.get_absolute_url()

    @property
    def preview(self) -> str:
        return shorten(self.message.summary, LONGEST_PREVIEW) or "(no text)"

    @property
    def lead(self) -> str:
        return self.message.lead.name

    @property
    def lead_url(self) -> str:
        return self.message.lead.get_absolute_url()

    @property
    def timeline_url(self) -> str:
        """Return the URL of the text on the lead's page."""
        return f"{self.lead_url}#message-{self.pk}"

    @property
    def reason(self) -> str:
        return str(self.message.why.label)

    @property
    def meaning(self) -> str:
        """Return what the reason means."""
        return self.message.why.advice.meaning

    @property
    def status(self) -> str:
        return lowerfirst(self.message.get_status_display())

    @property
    def scheduled(self) -> str:
        return moments.upcoming(self.message.scheduled)

    @property
    def number(self) -> str:
        return self.message.number.formatted

    @property
    def by(self) -> str:
        message = self.message
        if message.is_incoming:
            return message.contact.name if message.contact else ""
        if message.automatic:
            return "Automatic"
        return str(message.user) if message.user else ""

    @property
    def sender(self) -> str:
        return self.message.our_number.formatted

    @property
    def segments(self) -> int:
        return self.message.segments

    @property
    def created(self) -> str:
        return moments.brief(self.message.created)

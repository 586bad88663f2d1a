"""What a text in the timeline shows: `templates/messaging/_message.html`."""

from dataclasses import dataclass
from typing import NamedTuple

from django.template import Context
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from messaging.models import SmsMessage
from messaging.models.marks import marks
from smscenter.accounts.templatetags.people import avatar
from smscenter.rendering.row_templates import render_in
from smscenter.templatetags import moments

NOTHING = SafeString("")


class TextKind(NamedTuple):
    """What the HTML of a text depends on. `receipt` is a label."""

    is_incoming: bool
    status: str
    is_waiting: bool
    is_handled: bool
    has_contact: bool
    receipt: str
    attempts: int

    @property
    def hides_number(self) -> bool:
        """Return whether only screen readers get the number, because the contact says enough."""
        return self.has_contact and self.status != "error" and not self.is_waiting

    @property
    def classes(self) -> str:
        names = {
            "incoming": self.is_incoming,
            self.status: True,
            "failed": self.status == "error",
            "waiting": self.is_waiting and self.status != "error",
            "handled": self.is_handled,
        }
        return " ".join(name for name, is_meant in names.items() if is_meant)


@dataclass(frozen=True)
class TimelineText:
    """A text, and the context of the page that shows it."""

    message: SmsMessage
    context: Context

    @property
    def kind(self) -> TextKind:
        message, attempt = self.message, self.message.latest_attempt
        return TextKind(
            is_incoming=message.is_incoming,
            status=message.status,
            is_waiting=message.retry is not None,
            is_handled=message.handled is not None,
            has_contact=message.contact_id is not None,
            receipt=message.get_receipt_display() if message.receipt else "",
            attempts=attempt.number if attempt else 0,
        )

    @property
    def avatar(self) -> str:
        return avatar(self.message.contact, "medium")

    @property
    def name(self) -> str:
        """Return who wrote it."""
        message = self.message
        if message.is_incoming:
            return (message.contact.name if message.contact else "") or self.number
        if message.automatic:
            return message.get_automatic_display()
        return str(message.user or "A former member")

    @property
    def contact(self) -> str:
        return self.message.contact.name if self.message.contact else ""

    @property
    def number(self) -> str:
        return self.message.number.formatted

    @property
    def url(self) -> str:
        return self.message.get_absolute_url()

    @property
    def time(self) -> SafeString:
        return moments.clock_time(self.message.created)

    @property
    def text(self) -> SafeString:
        return mark_safe(linebreaks(self.message.text, autoescape=True))  # noqa: S308 - escaped

    @property
    def media(self) -> SafeString:
        return self._part("messaging/_media.html") if self.message.media else NOTHING

    @property
    def outcome(self) -> SafeString:
        """Return the label of a text that isn't sent, with what to do about it."""
        return self._part("messaging/_outcome.html")

    @property
    def refusals(self) -> SafeString:
        is_refused = bool(self.context.get("refusals"))
        return self._part("messaging/_refusals.html") if is_refused else NOTHING

    @property
    def marks(self) -> SafeString:
        parts = [self._part(mark.template) for mark in marks if mark.is_shown(self.message)]
        return mark_safe("".join(parts))  # noqa: S308 - rendered by templates

    def _part(self, template: str) -> SafeString:
        return render_in(self.context, template, row=self.message)

"""What a carrier gets to see of a request: everything it asks for, and nothing else.

The same packet as text, as PDF and as a table of the messages' ids. Internal notes, other
organizations and what the requester said to support are not in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from messaging import carriers
from messaging.models import Attempt
from messaging.models.reason import Reason
from search.answering import csv_export
from smscenter.support.models import SupportRequest
from smscenter.support.models.draft import DETAILS, OPTIONAL

# Of the newest 72 hours carriers want three or more; nobody there reads hundreds.
MOST_TEXTS = 100

COLUMNS: csv_export.Columns[Attempt] = {
    "carrier id": lambda attempt: attempt.carrier_id,
    "our id": lambda attempt: attempt.key,
    "when (UTC)": lambda attempt: _utc(attempt.created),
    "from": csv_export.phone(lambda attempt: attempt.message.local_phone),
    "to": csv_export.phone(lambda attempt: attempt.message.remote_phone),
    "code": lambda attempt: attempt.code,
    "words": lambda attempt: attempt.carrier_words,
    "text": lambda attempt: attempt.message.sent_text or attempt.message.text,
}


@dataclass(frozen=True)
class Section:
    """A heading with its facts: label and value, the value of one or of several lines."""

    title: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Packet:
    support_request: SupportRequest
    made: datetime

    @property
    def title(self) -> str:
        sender = self.support_request.sender
        return f"Request to whitelist {sender.phone if sender else ''}"

    @property
    def name(self) -> str:
        """Of a file, without an ending."""
        return f"request-{self.support_request.pk}"

    @cached_property
    def attempts(self) -> list[Attempt]:
        """What the carrier refused, the newest first."""
        rows = Attempt.objects.filter(
            message__in=self.support_request.message_ids(), state="failed"
        )
        rows = rows.select_related("message").order_by("-created", "-id")
        return list(rows[:MOST_TEXTS])

    @cached_property
    def sections(self) -> list[Section]:
        return [
            Section("The sender", self._sender()),
            Section("The texts", self._details(DETAILS)),
            Section("How recipients opted in", self._details(OPTIONAL) + self._files()),
            Section("Blocked texts", self._blocked()),
        ]

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def as_csv(self) -> str:
        return "".join(csv_export.lines(self.attempts, COLUMNS))

    def _lines(self) -> Iterator[str]:
        yield self.title
        yield f"Our reference: request {self.support_request.pk}, {_utc(self.made)}"
        for section in self.sections:
            yield f"\n{section.title}\n{'-' * len(section.title)}"
            for label, value in section.facts:
                yield f"{label}:{_indented(value)}"

    def _sender(self) -> list[tuple[str, str]]:
        sender = self.support_request.sender
        facts = [("Organization", self.support_request.organization.name)]
        if sender is not None:
            registered = "yes" if sender.registered else "no"
            facts += [
                ("Sender number", sender.phone),
                ("Carrier", carriers.label(sender.carrier)),
                ("Registered with the carriers", registered),
            ]
        return facts

    def _details(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        written = [(name, self._value(name)) for name in names]
        return [
            (SupportRequest.name_of(name).capitalize(), value or "not provided")
            for name, value in written
        ]

    def _value(self, name: str) -> str:
        value = getattr(self.support_request, name)
        return (
            self.support_request.get_opted_in_display() if name == "opted_in" else str(value or "")
        )

    def _files(self) -> list[tuple[str, str]]:
        return [
            ("Available on request", f"{file.name}, SHA-256 {file.sha256}")
            for file in self.support_request.evidence.all()
        ]

    def _blocked(self) -> list[tuple[str, str]]:
        return [
            (attempt.carrier_id or f"our id {attempt.key}", _outcome(attempt))
            for attempt in self.attempts
        ] or [("Texts", "none")]


def packet_of(support_request: SupportRequest, at: datetime | None = None) -> Packet:
    return Packet(support_request, at or timezone.now())


def _outcome(attempt: Attempt) -> str:
    said = " ".join(filter(None, [attempt.code, attempt.carrier_words]))
    said = said or Reason(attempt.reason or Reason.UNKNOWN).label
    return f"to {attempt.message.remote_phone}, {_utc(attempt.created)}: {said}"


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _indented(value: str) -> str:
    lines = value.splitlines()
    if len(lines) == 1:
        return f" {lines[0]}"
    return "".join(f"\n    {line}".rstrip() if line else "\n" for line in lines)

"""Put together what a carrier sees of a request: everything it asks for, and nothing else.

The same packet is available as text, PDF, and a table of text ids. It never includes internal
notes, other organizations, or what the requester wrote to support.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from messaging import carriers
from messaging.models import Attempt, Consent
from messaging.models.reason import Reason
from search.answering import csv_export
from smscenter.support.models import SupportRequest
from smscenter.support.models.details import DETAILS

# Carriers want three or more texts from the last 72 hours, but won't read hundreds.
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
    """A heading with facts: label and value. Values can have several lines."""

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
        """Return the name of a file, without its extension."""
        return f"request-{self.support_request.pk}"

    @cached_property
    def attempts(self) -> list[Attempt]:
        """Return the attempts that the carrier refused, newest first."""
        rows = Attempt.objects.filter(
            organization=self.support_request.organization_id,
            message__in=self.support_request.message_ids(),
            state="failed",
        )
        rows = rows.select_related("message").order_by("-created", "-id")
        return list(rows[:MOST_TEXTS])

    @cached_property
    def sections(self) -> list[Section]:
        return [
            Section("The sender", self._sender()),
            Section("The texts", self._details(is_required=True)),
            Section("How recipients opted in", self._details(is_required=False) + self._files()),
            *([Section("Consent on record", records)] if (records := self._consents()) else []),
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
                yield f"{label if label.endswith('?') else f'{label}:'}{_indented(value)}"

    def _sender(self) -> list[tuple[str, str]]:
        sender = self.support_request.sender
        facts = [("Organization", self.support_request.organization.name)]
        if sender is not None:
            registered = "yes" if sender.registered else "no"
            facts += [
                ("Sender number", sender.phone),
                ("Number type", sender.kind_label),
                ("Carrier", carriers.label(sender.carrier)),
                ("Registered with the carriers", registered),
            ]
            facts += [
                (f"{sender.get_registration_display()} {part.name.lower()}", str(part))
                for part in sender.parts
            ]
        return facts

    def _details(self, *, is_required: bool) -> list[tuple[str, str]]:
        return [
            (detail.label, str(detail.value(self.support_request) or "not provided"))
            for detail in DETAILS
            if detail.is_required is is_required
        ]

    def _files(self) -> list[tuple[str, str]]:
        return [
            ("Available on request", f"{file.name}, SHA-256 {file.sha256}")
            for file in self.support_request.evidence.all()
        ]

    def _consents(self) -> list[tuple[str, str]]:
        """Return the proof of consent of each number that was texted."""
        organization = self.support_request.organization_id
        texted = self.support_request.messages.filter(organization=organization)
        texted = texted.order_by("remote_phone")
        numbers = texted.values_list("remote_phone", flat=True).distinct()[:MOST_TEXTS]
        known = Consent.objects.by_phone(self.support_request.organization, numbers)
        return [(phone, _proof(known[phone])) for phone in sorted(known)]

    def _blocked(self) -> list[tuple[str, str]]:
        return [
            (attempt.carrier_id or f"our id {attempt.key}", _outcome(attempt))
            for attempt in self.attempts
        ] or [("Texts", "none")]


def packet_of(support_request: SupportRequest, at: datetime | None = None) -> Packet:
    return Packet(support_request, at or timezone.now())


def _outcome(attempt: Attempt) -> str:
    why = " ".join(filter(None, [attempt.code, attempt.carrier_words]))
    why = why or Reason(attempt.reason or Reason.UNKNOWN).label
    return f"to {attempt.message.remote_phone}, {_utc(attempt.created)}: {why}"


def _proof(consent: Consent) -> str:
    """Return a record of consent, without the person who recorded it."""
    facts = {
        "Agreed": _utc(consent.given),
        "How": consent.method,
        "Where": consent.place,
        "Web page": consent.page,
        "Wording": consent.wording,
        "Version": consent.version,
        "Recorded": f"{_utc(consent.recorded)}, record {consent.pk}",
    }
    return "\n".join(f"{label}: {value}" for label, value in facts.items() if value)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _indented(value: str) -> str:
    lines = value.splitlines()
    if len(lines) == 1:
        return f" {lines[0]}"
    return "".join(f"\n    {line}".rstrip() if line else "\n" for line in lines)

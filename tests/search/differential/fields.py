"""Read the value of each search field from a record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.search.differential.records import Contact, Lead, Message, Note

Read = Callable[[Any], Any]


@dataclass(frozen=True)
class Field:
    """Define a search field. The first of `names` is its main name, the others are synonyms.

    `read` returns a list for text, phone, and email fields, otherwise a value or None.
    """

    kind: str
    read: Read
    names: tuple[str, ...]
    choices: dict[str, str] = field(default_factory=dict)
    sortable: bool = False

    @property
    def name(self) -> str:
        return self.names[0]


DIRECTIONS = {"outgoing": "outbound", "incoming": "inbound"}
STATUSES = {key: key for key in ("inbox", "draft", "scheduled", "outbox", "sent", "error")}
HANDED_OVER = {key: key for key in ("outbox", "sent", "error")}
RECEIPTS = {key: key for key in ("accepted", "delivered", "failed")}
REASONS = {
    "not_sms_capable": "landline",
    "unsupported_country": "unsupported_country",
    "spam": "spam",
    "unreachable": "unreachable",
    "too_long": "too_long",
    "quiet_hours": "quiet_hours",
}


def latest(messages: Iterable[Message]) -> Message | None:
    return max(messages, key=lambda message: (message.created, message.id), default=None)


def latest_status(lead: Lead) -> str | None:
    newest = latest(message for message in lead.messages if message.status in HANDED_OVER)
    return newest.status if newest else None


def dates(lead: Lead, direction: str = "") -> list[datetime]:
    return [row.created for row in lead.messages if direction in {"", row.direction}]


def count(test: Callable[[Message], bool]) -> Read:
    return lambda lead: sum(map(test, lead.messages))


def phones(lead: Lead) -> list[str]:
    return [number for contact in lead.contacts for number, _ in contact.phones]


def emails(lead: Lead) -> list[str]:
    return [email for contact in lead.contacts for email in contact.emails]


def places(part: str) -> Read:
    return lambda lead: [getattr(address, part) for address in lead.addresses]


def table(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


def number(read: Read, *names: str) -> Field:
    return Field("number", read, names, sortable=True)


def date(read: Read, *names: str) -> Field:
    return Field("date", read, names, sortable=True)


LEAD = table(
    Field("text", lambda lead: [lead.name], ("name", "company", "display_name")),
    Field("text", lambda lead: [lead.description], ("description",)),
    Field("text", lambda lead: [lead.url], ("url", "website")),
    Field("status", lambda lead: lead.status, ("status", "lead_status", "status_label")),
    date(lambda lead: lead.created, "created", "date_created"),
    date(lambda lead: lead.updated, "updated", "date_updated"),
    Field("user", lambda lead: lead.creator, ("created_by", "creator")),
    Field("user", lambda lead: lead.owner, ("owner", "user", "assigned_to", "user_id")),
    Field("text", lambda lead: [contact.name for contact in lead.contacts], ("contact",)),
    number(lambda lead: len(lead.contacts), "contacts"),
    Field("phone", phones, ("phone", "phone_number")),
    number(lambda lead: len(phones(lead)), "phone_numbers"),
    Field("email", emails, ("email", "email_address")),
    number(lambda lead: len(emails(lead)), "email_addresses"),
    number(lambda lead: len(lead.addresses), "addresses"),
    Field("text", places("city"), ("city", "location")),
    Field("text", places("state"), ("state",)),
    Field("text", places("country"), ("country",)),
    number(lambda lead: len(lead.notes), "notes"),
    date(
        lambda lead: max([lead.created, *dates(lead), *(note.created for note in lead.notes)]),
        *("last_activity", "last_communication"),
    ),
    number(lambda lead: len(lead.messages), "sms_messages", "num_sms"),
    number(count(lambda row: row.status == "error"), "failed_sms", "num_failed_sms"),
    number(count(lambda row: row.status == "sent"), "num_sent_sms"),
    number(count(lambda row: row.status == "inbox"), "num_received_sms", "incoming_sms"),
    Field("choice", latest_status, ("latest_sms_status",), HANDED_OVER),
    date(lambda lead: max(dates(lead), default=None), "last_sms", "last_sms_date"),
    date(lambda lead: min(dates(lead), default=None), "first_sms_date"),
    date(lambda lead: max(dates(lead, "incoming"), default=None), "last_incoming_sms"),
    date(lambda lead: max(dates(lead, "outgoing"), default=None), "last_outgoing_sms"),
)

SMS = table(
    Field("choice", lambda row: row.status, ("status",), STATUSES),
    Field("choice", lambda row: row.direction, ("direction",), DIRECTIONS),
    date(lambda row: row.created, "created", "date", "date_created"),
    date(lambda row: row.sent, "sent", "date_sent"),
    date(lambda row: row.scheduled, "scheduled", "date_scheduled"),
    date(lambda row: row.updated, "updated"),
    Field("text", lambda row: [row.text], ("text", "body")),
    Field("user", lambda row: row.user, ("user",)),
    Field("template", lambda row: [row.template], ("template",)),
    Field("choice", lambda row: row.reason or None, ("reason",), REASONS),
    Field("text", lambda row: [one.code for one in row.attempts], ("error_code", "code")),
    Field("text", lambda row: [one.carrier for one in row.attempts], ("carrier",)),
    Field("phone", lambda row: [row.remote], ("to", "remote_phone")),
    Field("phone", lambda row: [row.local], ("from", "local_phone")),
    Field("phone", lambda row: [row.remote, row.local], ("number",)),
    number(lambda row: row.segments, "segments"),
    number(lambda row: len(row.attempts), "attempts"),
    Field("choice", lambda row: row.receipt or None, ("receipt",), RECEIPTS),
)

CONTACT = table(
    Field("text", lambda row: [row.name], ("name",)),
    Field("text", lambda row: [row.title], ("title",)),
    Field("email", lambda row: row.emails, ("email",)),
    Field("phone", lambda row: [number for number, _ in row.phones], ("phone",)),
    date(lambda row: row.created, "created"),
)

ADDRESS = table(
    Field("text", lambda row: [row.city], ("city",)),
    Field("text", lambda row: [row.state], ("state",)),
    Field("text", lambda row: [row.country], ("country",)),
)

NOTE = table(
    Field("text", lambda row: [row.text], ("text",)),
    date(lambda row: row.created, "created"),
    Field("user", lambda row: row.user, ("user",)),
)

TABLES = {"lead": LEAD, "sms": SMS, "contact": CONTACT, "address": ADDRESS, "note": NOTE}

GROUPS: dict[str, dict[str, Read]] = {
    "lead": {
        "sms": lambda lead: lead.messages,
        "contact": lambda lead: lead.contacts,
        "address": lambda lead: lead.addresses,
        "note": lambda lead: lead.notes,
    },
    "sms": {"lead": lambda row: [row.lead]},
}

HAS: dict[str, Read] = {
    "sms": lambda lead: lead.messages,
    "error_sms_messages": lambda lead: [row for row in lead.messages if row.status == "error"],
    "incoming_sms": lambda lead: [row for row in lead.messages if row.status == "inbox"],
    "outgoing_sms": lambda lead: [row for row in lead.messages if row.direction == "outgoing"],
    "scheduled_sms": lambda lead: [row for row in lead.messages if row.status == "scheduled"],
    "contacts": lambda lead: lead.contacts,
    "phone_numbers": phones,
    "email_addresses": emails,
    "addresses": lambda lead: lead.addresses,
    "notes": lambda lead: lead.notes,
    "opted_out": lambda lead: lead.office.opted_out.intersection(phones(lead)),
    "whitelist_requests": lambda lead: [row for row in lead.messages if row.in_request],
}


def texts(row: object) -> list[str]:
    """Return the texts in which a bare word is searched."""
    match row:
        case Lead():
            own = [row.name, row.description, row.url]
            return own + [text for contact in row.contacts for text in texts(contact)]
        case Contact():
            return [row.name, row.title, *row.emails]
        case Message() | Note():
            return [row.text]
        case _:
            return [str(part) for part in vars(row).values()]


def numbers(row: object) -> list[str]:
    """Return the phone numbers in which bare digits are searched."""
    match row:
        case Lead():
            return phones(row)
        case Contact():
            return [number for number, _ in row.phones]
        case Message():
            return [row.remote]
        case _:
            return []

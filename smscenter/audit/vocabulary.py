"""Define the search fields of the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from search.language.tree import Value
from search.words.choice_fields import ChoiceField, Option
from search.words.columns import Column
from search.words.context import SearchContext
from search.words.date_fields import DateField
from search.words.fields import Field
from search.words.number_fields import NumberField
from search.words.text_fields import TextField
from search.words.user_fields import UserField
from search.words.vocabulary import Vocabulary
from smscenter.accounts.models import Organization, User
from smscenter.audit.actions import actions
from smscenter.audit.models import AuditRecord, may_read
from smscenter.audit.objects import kinds


class AuditVocabulary(Vocabulary):
    """The fields of records. Owners search their organization's, and administrators all."""

    def is_available_to(self, user: Any) -> bool:
        return may_read(user)


@dataclass(frozen=True)
class AddressField(Field):
    """A network address, or its beginning: `ip:203.0.113`."""

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        return self.column.q("startswith", value.text.strip().lower(), context)

    def filled(self, context: SearchContext) -> Q:
        return self.column.is_filled()


def people(context: SearchContext) -> list[User]:
    """Return the members of the organization, and for administrators everyone."""
    if context.user.organization_id:
        return context.colleagues()
    return context.once("everyone", lambda: list(User.objects.order_by("id")))


def all_actions(_context: SearchContext) -> Sequence[Option]:
    return [Option(each.name, each.label) for each in actions]


def all_kinds(_context: SearchContext) -> Sequence[Option]:
    return [Option(noun, noun.capitalize()) for noun in kinds()]


def for_administrators(context: SearchContext) -> list[Field]:
    """Return the field that only administrators need: the organization."""
    if context.user.organization_id:
        return []
    return [
        ChoiceField(
            "organization",
            Column("organization"),
            label="organization",
            options=lambda _: [Option(row.pk, row.name) for row in Organization.objects.all()],
            by_value=False,
            meaning="Organization that it belongs to.",
            example="organization:*",
        )
    ]


records = AuditVocabulary("audit", AuditRecord, "record", "records")
records.add(
    TextField(
        "text summary",
        Column("summary"),
        meaning="Words of what happened, with the names in it.",
        example="text:bluebird",
    ),
    bare=True,
)
records.add(
    UserField(
        "user who by",
        Column("actor"),
        verb="made by",
        users=people,
        sorted_by="actor_name",
        meaning="User who did it.",
        example="user:me",
    ),
    ChoiceField(
        "action",
        Column("action"),
        options=all_actions,
        meaning="What was done.",
        example="action:exported",
    ),
    ChoiceField(
        "object",
        Column("kind"),
        options=all_kinds,
        meaning="What it was done to.",
        example="object:lead",
    ),
    NumberField(
        "object_id id",
        Column("object_id"),
        noun="ID",
        meaning="ID of what it was done to.",
        example="object:lead id:12",
    ),
    AddressField(
        "ip address ip_address",
        Column("address"),
        noun="IP address",
        meaning="IP address, or how it begins.",
        example="ip:203.0.113",
    ),
    TextField(
        "device browser",
        Column("device"),
        meaning="Browser and system.",
        example="device:firefox",
    ),
    TextField(
        "request request_id",
        Column("request_id"),
        noun="request ID",
        meaning="Request ID, as in the server's log.",
        example="request:*",
    ),
    DateField(
        "created date date_created when",
        Column("created"),
        meaning="Date it happened.",
        example="created:today",
    ),
)
records.add_custom_fields(for_administrators)
records.suggest_first("user:", "action:", "object:", "created:")

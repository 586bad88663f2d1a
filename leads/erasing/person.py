"""Whose data is erased, and how rows that belong to no lead mention it."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadMerge
from leads.phones import Phone, PhoneNumberError, parse
from smscenter.registry import Registry

# Fewer digits could be anybody's.
SHORTEST = 7

# Numbers (E.164) that other apps know of an organization's leads (IDs), such as those texted.
known_numbers: Registry[Callable[[int, Collection[int]], Iterable[str]]] = Registry()


@dataclass(frozen=True)
class Person:
    """A lead whose data is erased, with the leads that were merged into it.

    `numbers` (E.164) and `emails` are those that no other lead has. What came after `before` is a
    stranger's. A contact of a lead with others becomes a lead of its own first, and `former_lead`
    is where its texts still are.
    """

    organization: int
    lead: int
    merged: list[int]
    names: list[str]
    numbers: list[str]
    emails: list[str]
    before: datetime
    former_lead: int | None = None

    @classmethod
    def of(cls, lead: Lead, before: datetime, former_lead: int | None = None) -> "Person":
        merges = LeadMerge.objects.filter(lead=lead, undone=None)
        merged = list(filter(None, merges.values_list("source", flat=True)))
        leads = [lead.pk, *merged]
        own = {"organization": lead.organization_id}
        names = [*Lead.objects.filter(**own, pk__in=leads).values_list("name", flat=True)]
        names += Contact.objects.filter(**own, lead__in=leads).values_list("name", flat=True)
        names += (name for merge in merges for name in _former_names(merge))
        phones = ContactPhone.objects.filter(**own)
        emails = ContactEmail.objects.filter(**own)
        numbers = {
            number for known in known_numbers for number in known(lead.organization_id, leads)
        }
        return cls(
            lead.organization_id,
            lead.pk,
            merged,
            sorted(set(names)),
            _own(phones, "phone", leads, numbers),
            _own(emails, "email", leads),
            before,
            former_lead,
        )

    @classmethod
    def stored(cls, values: dict[str, Any]) -> "Person":
        return cls(**values | {"before": parse_datetime(values["before"])})

    def to_store(self) -> dict[str, Any]:
        return asdict(self) | {"before": self.before.isoformat()}

    @property
    def leads(self) -> list[int]:
        return [self.lead, *self.merged]

    @property
    def addresses(self) -> list[str]:
        """Return the numbers, as they're stored and as people read them, and the emails."""
        return [*self.numbers, *map(formatted, self.numbers), *self.emails]

    def mentioned_in(self, *fields: str, names: bool = False) -> Q:
        """Return the condition for rows that mention a number or an email, or also a name."""
        words = self.addresses + (self.names if names else [])
        found = Q(pk=None)
        for field in fields:
            for word in filter(None, words):
                found |= Q((f"{field}__icontains", word))
        return found

    def is_in(self, cells: Iterable[str]) -> bool:
        """Return whether a row of a file has a number, in any format, or an email."""
        return any(map(self._is_in_cell, cells))

    def without(self, text: str) -> str:
        """Return a text without the person's names, numbers, and emails."""
        words = sorted(filter(None, self.addresses + self.names), key=len, reverse=True)
        pattern = "|".join(map(re.escape, words))
        return re.sub(pattern, "(erased)", text, flags=re.IGNORECASE) if words else text

    def _is_in_cell(self, cell: str) -> bool:
        lower = cell.casefold()
        if any(email.casefold() in lower for email in self.emails):
            return True
        digits = re.sub(r"\D", "", cell)
        if len(digits) < SHORTEST:
            return False
        return any(_national(number) in digits for number in self.numbers)


def _former_names(merge: LeadMerge) -> list[str]:
    return [merge.source_name, *merge.former.get("name", ())]


def _own(
    rows: QuerySet[Any], field: str, leads: list[int], others: Collection[str] = ()
) -> list[str]:
    """Return the numbers or emails of these leads that no other lead has."""
    own = {*rows.filter(contact__lead__in=leads).values_list(field, flat=True), *others}
    shared = rows.filter(**{f"{field}__in": own}).exclude(contact__lead__in=leads)
    return sorted(own - set(shared.values_list(field, flat=True)) - {""})


def formatted(number: str) -> str:
    try:
        return parse(number).formatted
    except PhoneNumberError:
        return number


def _national(number: str) -> str:
    return str(Phone(number).parsed.national_number)

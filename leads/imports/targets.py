"""A lead with its contacts in memory, while a row of a file is merged into it, or that's undone."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db.models import Model

from leads.imports.columns import Parsed
from leads.imports.matching import phones_of
from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead
from leads.phones import Phone

ADDRESS = ("street", "city", "state", "postal_code", "country")
TEXTS = ("url", "description", "external_id")


@dataclass
class Person:
    contact: Contact
    phones: list[ContactPhone] = field(default_factory=list)
    emails: list[ContactEmail] = field(default_factory=list)

    def has(self, parsed: Parsed) -> bool:
        """Return whether it's the person of a row: the same number, address, or name."""
        numbers = {(phone.e164, phone.extension) for _, phone in phones_of(parsed)}
        own = {(row.phone, row.extension) for row in self.phones}
        addresses = {row.email.lower() for row in self.emails}
        is_same = bool(own & numbers or addresses & {*parsed.values.get("email", ())})
        return is_same or self.contact.name.casefold() == contact_name(parsed).casefold()


@dataclass
class Change:
    """What a row does: fields of the lead with their values before and after, and new rows."""

    fields: dict[str, list[Any]] = field(default_factory=dict)
    added: list[Model] = field(default_factory=list)


@dataclass
class Target:
    lead: Lead
    people: list[Person] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)

    @property
    def own(self) -> dict[str, Any]:
        return {"organization_id": self.lead.organization_id}

    def set(self, change: Change, name: str, value: Any) -> None:
        """Set a field of the lead, or a custom field: `custom.Budget`."""
        before = self.get(name)
        if value == before:
            return
        self.put(name, value)
        change.fields[name] = [before, value]

    def get(self, name: str) -> Any:
        head, dot, key = name.partition(".")
        return self.lead.custom.get(key) if dot else getattr(self.lead, head)

    def put(self, name: str, value: Any) -> None:
        head, dot, key = name.partition(".")
        if not dot:
            setattr(self.lead, head, value)
        elif value is None:
            self.lead.custom.pop(key, None)
        else:
            self.lead.custom[key] = value

    def add_contact(self, change: Change, parsed: Parsed) -> None:
        """Add the person, numbers, and email addresses of a row, unless they're there."""
        numbers, emails = phones_of(parsed), parsed.values.get("email", ())
        name = contact_name(parsed)
        if not (numbers or emails or name or parsed.values.get("title")):
            return
        person = self._person(change, parsed, name)
        for label, phone in numbers:
            self._add_phone(change, person, label, phone)
        for email in emails:
            if email not in {row.email.lower() for row in person.emails}:
                row = ContactEmail(**self.own, contact=person.contact, email=email)
                person.emails.append(row)
                change.added.append(row)

    def _person(self, change: Change, parsed: Parsed, name: str) -> Person:
        """Return the person of the row, or a new one. A row without a name is about the first."""
        if found := next((person for person in self.people if person.has(parsed)), None):
            return found
        if self.people and not name:
            return self.people[0]
        contact = Contact(
            **self.own,
            lead=self.lead,
            name=name or self.lead.name[:160],
            title=parsed.values.get("title", ""),
        )
        self.people.append(Person(contact))
        change.added.append(contact)
        return self.people[-1]

    def _add_phone(self, change: Change, person: Person, label: str, phone: Phone) -> None:
        key = (phone.e164, phone.extension)
        if key not in {(row.phone, row.extension) for row in person.phones}:
            row = ContactPhone(
                **self.own,
                contact=person.contact,
                phone=phone.e164,
                extension=phone.extension,
                label=label,
            )
            person.phones.append(row)
            change.added.append(row)

    def add_address(self, change: Change, parsed: Parsed) -> None:
        """Add the address of a row to a lead that has none."""
        parts = {name: parsed.values[name] for name in ADDRESS if name in parsed.values}
        if self.addresses or not parts.keys() - {"country"}:
            return
        address = Address(**self.own, lead=self.lead, **parts)
        self.addresses.append(address)
        change.added.append(address)

    def content(self) -> str:
        """Return a digest of all that a file can set, to tell whether someone changed it since."""
        lead = self.lead
        people = [
            [
                person.contact.name,
                person.contact.title,
                sorted([row.phone, row.extension, row.label] for row in person.phones),
                sorted(row.email for row in person.emails),
            ]
            for person in self.people
        ]
        parts = [
            *([lead.name, lead.status_id, lead.owner_id, lead.custom]),
            *[getattr(lead, name) for name in TEXTS],
            sorted(people),
            sorted(shown(row) for row in self.addresses),
        ]
        text = json.dumps(parts, sort_keys=True)
        return sha256(text.encode()).hexdigest()[:32]


def contact_name(parsed: Parsed) -> str:
    names = (parsed.values.get("first_name", ""), parsed.values.get("last_name", ""))
    return str(parsed.values.get("contact") or " ".join(filter(None, names)))


def lead_name(parsed: Parsed) -> str:
    """Return the name of the lead, or what it's known by without one."""
    name = parsed.values.get("name") or contact_name(parsed)
    if not name and (found := phones_of(parsed)):
        name = found[0][1].formatted
    return str(name or next(iter(parsed.values.get("email", ())), ""))


def shown(row: Model) -> str:
    """Return the values of a row that a file can add, to tell whether someone changed it since."""
    match row:
        case Contact():
            return f"{row.name} {row.title}"
        case ContactPhone():
            return f"{row.phone} {row.extension} {row.label}"
        case Address():
            return "\n".join(str(getattr(row, name)) for name in ADDRESS)
        case _:
            return str(row)


def load(ids: Iterable[int]) -> dict[int, Target]:
    """Lock these leads, and return them with their contacts and addresses. Five queries."""
    rows = Lead.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    targets = {lead.pk: Target(lead) for lead in rows}
    people: dict[int, Person] = {}
    for contact in Contact.objects.filter(lead__in=targets):
        people[contact.pk] = Person(contact)
        targets[contact.lead_id].people.append(people[contact.pk])
    for phone in ContactPhone.objects.filter(contact__in=people):
        people[phone.contact_id].phones.append(phone)
    for email in ContactEmail.objects.filter(contact__in=people):
        people[email.contact_id].emails.append(email)
    for address in Address.objects.filter(lead__in=targets):
        targets[address.lead_id].addresses.append(address)
    return targets


def by_model(rows: Iterable[Model]) -> Iterator[tuple[type[Model], list[Model]]]:
    """Yield rows by model, parents first."""
    found: dict[type[Model], list[Model]] = defaultdict(list)
    for row in rows:
        found[type(row)].append(row)
    order = [Lead, Contact, ContactPhone, ContactEmail, Address]
    yield from sorted(
        found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
    )

"""Define the records of two organizations, as plain dataclasses that refer to each other."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.search.differential.trees import Tree

# It's already the next day in Auckland, so searchers disagree about today.
NOW = datetime(2026, 11, 23, 16, 55, tzinfo=ZoneInfo("America/New_York"))


@dataclass
class Office:
    """Represent an organization with its statuses, custom fields, and templates."""

    id: int
    slug: str
    zone: str
    statuses: dict[str, str]  # key to label
    custom: dict[str, str]  # name to kind
    options: dict[str, list[str]]  # of custom choices
    templates: list[str]
    opted_out: set[str] = field(default_factory=set)


@dataclass
class Person:
    id: int
    office: Office
    username: str
    first: str
    last: str
    zone: str = ""

    @property
    def email(self) -> str:
        return f"{self.username}@{self.office.slug}.example"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone or self.office.zone)


@dataclass
class Contact:
    name: str
    title: str
    created: datetime
    phones: list[tuple[str, str]] = field(default_factory=list)  # number and extension
    emails: list[str] = field(default_factory=list)


@dataclass
class Address:
    street: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass
class Note:
    text: str
    user: Person | None
    created: datetime


@dataclass
class Attempt:
    carrier: str
    code: str


@dataclass
class Message:
    id: int
    lead: "Lead"
    direction: str
    status: str
    text: str
    remote: str
    local: str
    segments: int
    reason: str
    receipt: str
    user: Person | None
    template: str
    created: datetime
    scheduled: datetime | None
    sent: datetime | None
    updated: datetime
    attempts: list[Attempt] = field(default_factory=list)
    in_request: bool = False


@dataclass
class Lead:
    id: int
    office: Office
    name: str
    status: str
    owner: Person | None
    creator: Person | None
    url: str
    description: str
    custom: dict[str, object]
    created: datetime
    updated: datetime
    contacts: list[Contact] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@dataclass
class View:
    name: str
    model: str
    owner: Person
    shared: bool
    tree: Tree
    text: str


@dataclass
class World:
    offices: list[Office]
    people: list[Person]
    leads: list[Lead]
    views: list[View]

    def person(self, username: str) -> Person:
        return next(person for person in self.people if person.username == username)

    def members(self, office: Office) -> list[Person]:
        return [person for person in self.people if person.office is office]

    def views_of(self, person: Person, model: str) -> dict[str, View]:
        """Return the views that a person can see, by name."""
        return {
            view.name: view
            for view in self.views
            if view.model == model
            and view.owner.office is person.office
            and (view.shared or view.owner is person)
        }

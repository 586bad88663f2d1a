"""Two organizations by chance, always the same ones: they share phone numbers and words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from tests.search.differential.records import (
    NOW,
    Address,
    Attempt,
    Contact,
    Lead,
    Message,
    Note,
    Office,
    Person,
    World,
)

Item = TypeVar("Item")

ACME = Office(
    501,
    "acme",
    "America/New_York",
    {"potential": "Potential", "bad_fit": "Bad Fit", "trial_expired": "Trial Expired"},
    {
        "Tags": "text",
        "Lead Source (Sample)": "text",
        "Monthly Billable Amount": "number",
        "Migration completed": "date",
        "Plan": "choice",
        "Installer": "user",
    },
    {"Plan": ["Basic", "Pay As You Go", "Größer"]},
    ["Reminder", "First hello", "Été sale"],
)
RIVAL = Office(
    502,
    "rival",
    "Europe/Berlin",
    {"potential": "Potential", "secret_deal": "Secret Deal"},
    {"Tags": "text", "Monthly Billable Amount": "number", "Rival Field": "text"},
    {},
    ["Reminder", "Rival Template"],
)
PEOPLE = [
    Person(601, ACME, "rita", "Rita", "Meyer"),
    Person(602, ACME, "carl", "Justin", "Case", "Pacific/Auckland"),
    Person(603, ACME, "jb2", "Justin", "Óskarsson"),
    Person(604, RIVAL, "sam", "Samuel", "Meyer"),
]

NAMES = (
    *("Bluebird", "Blue", "Bakery", "Zürich", "Travel", "John", "Johnson", "Doe", "Smith-Jones"),
    *("Cafe\u0301", "café", "O'Brien", "Wayne", "Enterprises", "Menlo", "Park", "Straße", "東京"),
    *("Ærø", "24", "Sons", "Łódź", "Ñandú", "Иван", "ИВАНОВ", "online", "networking", "A1"),
)
JOINS = (" ", " ", " ", " & ", ", ", "-", ".", " / ", "\n", " 🙂 ", "_")
CITIES = ("Menlo Park", "New York", "Québec", "San José", "Park City", "Newark", "")
PHONES = (
    *("+14155550123", "+14155550199", "+16505554156", "+442071838750", "+498912341234"),
    *("+12125550100", "+15145550150", "+18004445555", "+16503334444", "+14165550101"),
)
OURS = ("+12125550100", "+14155550177")
STATUSES = ("inbox", "inbox", "draft", "scheduled", "outbox", *["sent"] * 3, *["error"] * 4)
CARRIERS = ("sandbox", "twilio", "kannel")
CODES = ("", "30003", "30006", "30007", "E 30007 x", "rejected")
REASONS = ("not_sms_capable", "unsupported_country", "spam", "unreachable", "too_long")
# Midnights and changes of the clock, of each searcher's zone, in UTC.
EDGES = (
    datetime(2026, 11, 23, 5, tzinfo=UTC),
    datetime(2026, 11, 24, 5, tzinfo=UTC),
    datetime(2026, 11, 22, 11, tzinfo=UTC),
    datetime(2026, 11, 23, 11, tzinfo=UTC),
    datetime(2026, 11, 22, 23, tzinfo=UTC),
    datetime(2026, 11, 1, 4, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 2, 4, tzinfo=UTC),
    datetime(2026, 11, 2, 5, tzinfo=UTC),
    datetime(2026, 10, 1, 4, tzinfo=UTC),
    datetime(2026, 9, 26, 14, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    NOW - timedelta(days=3),
    NOW - timedelta(days=14),
    NOW - timedelta(days=30),
    NOW - timedelta(days=90),
    NOW,
)
NUDGES = (timedelta(), timedelta(microseconds=-1), timedelta(seconds=1), timedelta(minutes=59))


class Chance:
    """What happens to be in the rows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one(self, items: tuple[Item, ...] | list[Item]) -> Item:
        return self.random.choice(items)

    def maybe(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def upto(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def moment(self) -> datetime:
        """Often near now, often at an edge of a day, sometimes the very same as another."""
        if self.maybe(50):
            return (self.one(EDGES) + self.one(NUDGES)).astimezone(UTC)
        unit, most = self.one([("minutes", 300), ("hours", 90), ("days", 60), ("days", 900)])
        return (NOW - timedelta(**{unit: self.random.randint(-2, most)})).astimezone(UTC)

    def phrase(self, most: int = 4) -> str:
        text = self.one(NAMES)
        for _ in self.upto(most - 1):
            text += self.one(JOINS) + self.any_case(self.one(NAMES))
        return text

    def any_case(self, text: str) -> str:
        return self.one([text, text.lower(), text.upper()])

    def phone(self) -> tuple[str, str]:
        return self.one(PHONES), self.one(["", "", "", "4155"])


def world(seed: int = 8) -> World:
    """About 60 leads of two organizations, with all that hangs on them."""
    chance = Chance(seed)
    offices = [replace(ACME), replace(RIVAL)]
    people = [replace(one, office=offices[one.office.id - ACME.id]) for one in PEOPLE]
    made = World(offices, people, [], [])
    for at in range(62):
        office = offices[at % 3 == 2]
        made.leads.append(lead(chance, 1000 + at, office, made.members(office)))
    messages = [message for lead in made.leads for message in lead.messages]
    for number, message in enumerate(messages, 5000):
        message.id = number
    for office in offices:
        office.opted_out = {PHONES[0], PHONES[5 + offices.index(office)]}
    return made


def lead(chance: Chance, number: int, office: Office, people: list[Person]) -> Lead:
    made = Lead(
        number,
        office,
        chance.phrase(),
        chance.one(list(office.statuses)),
        chance.one([*people, None]),
        chance.one([*people, None]),
        chance.one(["", "https://bluebird.example.com/cakes?x=1", "https://john.example/menlo/"]),
        chance.one(["", chance.phrase(9)]),
        custom(chance, office, people),
        chance.moment(),
        chance.moment(),
    )
    made.contacts = [contact(chance, office) for _ in chance.upto(4)]
    made.addresses = [address(chance) for _ in chance.upto(2)]
    made.notes = [
        Note(chance.phrase(6), chance.one([*people, None]), chance.moment()) for _ in chance.upto(2)
    ]
    made.messages = [message(chance, made, people) for _ in chance.upto(7)]
    return made


def custom(chance: Chance, office: Office, people: list[Person]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, kind in office.custom.items():
        made: dict[str, object] = {
            "text": chance.one([chance.phrase(2), ""]),
            "number": chance.one([0, 1, 2, 10, 99.5, 250, -3, 1000000]),
            "date": chance.one(["2026-11-23", "2026-11-22", "2026-11-01", "2025-02-28"]),
            "choice": chance.one(office.options.get(name, [""])),
            "user": chance.one(people).id,
        }
        if chance.maybe(70):
            values[name] = None if chance.maybe(10) else made[kind]
    return values


def contact(chance: Chance, office: Office) -> Contact:
    made = Contact(chance.phrase(2), chance.one(["", "Head of Cakes", "CEO"]), chance.moment())
    made.phones = sorted({chance.phone() for _ in chance.upto(3)})
    names = ("ada", "Bob.Miller", "john+x", "info")
    domains = ("example.com", "bluebird.example.com", "a.example")
    made.emails = sorted({f"{chance.one(names)}@{chance.one(domains)}" for _ in chance.upto(2)})
    return made


def address(chance: Chance) -> Address:
    street = chance.one(["", "1 Main St", "24 Park Avenue"])
    state = chance.one(["CA", "NY", "", "QC"])
    return Address(street, chance.one(CITIES), state, "", chance.one(["US", "US", "CA"]))


def message(chance: Chance, lead: Lead, people: list[Person]) -> Message:
    status = chance.one(STATUSES)
    incoming = status == "inbox"
    made = Message(
        0,
        lead,
        "incoming" if incoming else "outgoing",
        status,
        chance.phrase(8),
        chance.one(PHONES),
        chance.one(OURS),
        chance.one([1, 1, 2, 3]),
        chance.one(REASONS) if status == "error" else "",
        chance.one(["", "accepted", "delivered"]) if status == "sent" else "",
        None if incoming else chance.one([*people, None]),
        "" if incoming else chance.one(["", *lead.office.templates]),
        chance.moment(),
        chance.moment() if status == "scheduled" else None,
        chance.moment() if status in {"sent", "error"} else None,
        chance.moment(),
        in_request=status == "error" and chance.maybe(25),
    )
    if status in {"sent", "error"}:
        made.attempts = [Attempt(chance.one(CARRIERS), chance.one(CODES)) for _ in chance.upto(2)]
    return made

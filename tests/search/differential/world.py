"""Generate two random organizations from a fixed seed. They share phone numbers and words."""

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
# Midnights and clock changes in each searcher's time zone, in UTC.
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


class Generator:
    """Generate random values."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def choice(self, items: tuple[Item, ...] | list[Item]) -> Item:
        return self.random.choice(items)

    def maybe(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def up_to(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def moment(self) -> datetime:
        """Return a recent time, or one near a midnight or a clock change."""
        if self.maybe(50):
            return (self.choice(EDGES) + self.choice(NUDGES)).astimezone(UTC)
        unit, most = self.choice([("minutes", 300), ("hours", 90), ("days", 60), ("days", 900)])
        return (NOW - timedelta(**{unit: self.random.randint(-2, most)})).astimezone(UTC)

    def phrase(self, most: int = 4) -> str:
        text = self.choice(NAMES)
        for _ in self.up_to(most - 1):
            text += self.choice(JOINS) + self.random_case(self.choice(NAMES))
        return text

    def random_case(self, text: str) -> str:
        return self.choice([text, text.lower(), text.upper()])

    def phone(self) -> tuple[str, str]:
        return self.choice(PHONES), self.choice(["", "", "", "4155"])


def world(seed: int = 8) -> World:
    """Return about 60 leads of two organizations, with all related records."""
    random = Generator(seed)
    offices = [replace(ACME), replace(RIVAL)]
    people = [replace(one, office=offices[one.office.id - ACME.id]) for one in PEOPLE]
    made = World(offices, people, [], [])
    for index in range(62):
        office = offices[index % 3 == 2]
        made.leads.append(lead(random, 1000 + index, office, made.members(office)))
    messages = [message for lead in made.leads for message in lead.messages]
    for number, message in enumerate(messages, 5000):
        message.id = number
    for office in offices:
        office.opted_out = {PHONES[0], PHONES[5 + offices.index(office)]}
    return made


def lead(random: Generator, number: int, office: Office, people: list[Person]) -> Lead:
    made = Lead(
        number,
        office,
        random.phrase(),
        random.choice(list(office.statuses)),
        random.choice([*people, None]),
        random.choice([*people, None]),
        random.choice(
            ["", "https://bluebird.example.com/cakes?x=1", "https://john.example/menlo/"]
        ),
        random.choice(["", random.phrase(9)]),
        custom(random, office, people),
        random.moment(),
        random.moment(),
    )
    made.contacts = [contact(random, office) for _ in random.up_to(4)]
    made.addresses = [address(random) for _ in random.up_to(2)]
    made.notes = [
        Note(random.phrase(6), random.choice([*people, None]), random.moment())
        for _ in random.up_to(2)
    ]
    made.messages = [message(random, made, people) for _ in random.up_to(7)]
    return made


def custom(random: Generator, office: Office, people: list[Person]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, kind in office.custom.items():
        made: dict[str, object] = {
            "text": random.choice([random.phrase(2), ""]),
            "number": random.choice([0, 1, 2, 10, 99.5, 250, -3, 1000000]),
            "date": random.choice(["2026-11-23", "2026-11-22", "2026-11-01", "2025-02-28"]),
            "choice": random.choice(office.options.get(name, [""])),
            "user": random.choice(people).id,
        }
        if random.maybe(70):
            values[name] = None if random.maybe(10) else made[kind]
    return values


def contact(random: Generator, office: Office) -> Contact:
    made = Contact(random.phrase(2), random.choice(["", "Head of Cakes", "CEO"]), random.moment())
    made.phones = sorted({random.phone() for _ in random.up_to(3)})
    names = ("ada", "Bob.Miller", "john+x", "info")
    domains = ("example.com", "bluebird.example.com", "a.example")
    made.emails = sorted(
        {f"{random.choice(names)}@{random.choice(domains)}" for _ in random.up_to(2)}
    )
    return made


def address(random: Generator) -> Address:
    street = random.choice(["", "1 Main St", "24 Park Avenue"])
    state = random.choice(["CA", "NY", "", "QC"])
    return Address(street, random.choice(CITIES), state, "", random.choice(["US", "US", "CA"]))


def message(random: Generator, lead: Lead, people: list[Person]) -> Message:
    status = random.choice(STATUSES)
    incoming = status == "inbox"
    made = Message(
        0,
        lead,
        "incoming" if incoming else "outgoing",
        status,
        random.phrase(8),
        random.choice(PHONES),
        random.choice(OURS),
        random.choice([1, 1, 2, 3]),
        random.choice(REASONS) if status == "error" else "",
        random.choice(["", "accepted", "delivered"]) if status == "sent" else "",
        None if incoming else random.choice([*people, None]),
        "" if incoming else random.choice(["", *lead.office.templates]),
        random.moment(),
        random.moment() if status == "scheduled" else None,
        random.moment() if status in {"sent", "error"} else None,
        random.moment(),
        in_request=status == "error" and random.maybe(25),
    )
    if status in {"sent", "error"}:
        made.attempts = [
            Attempt(random.choice(CARRIERS), random.choice(CODES)) for _ in random.up_to(2)
        ]
    return made

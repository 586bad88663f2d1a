"""Leads before anyone texts them: people, numbers, addresses, notes, fields."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, Note
from messaging.models import Consent, SenderNumber
from smscenter.accounts.models import User
from smscenter.demo import people, texts
from smscenter.demo.clock import Clock
from smscenter.demo.organizations import SOURCES, STATUSES, Cast
from smscenter.demo.places import PLACES, Numbers, Place
from smscenter.demo.rows import Batch

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@dataclass
class Subject:
    """A lead with the recipient and the values for placeholders in texts."""

    cast: Cast
    lead: Lead
    contact: Contact
    phone: str
    place: Place

    @property
    def user(self) -> User:
        return self.lead.owner or self.cast.rep

    def say(self, words: str, rng: random.Random) -> str:
        """Return the text with its placeholders filled in."""
        if "{" not in words:
            return words
        n = rng.randint(2, 9)
        return words.format(
            first=self.contact.name.split()[0],
            rep=self.user.first_name,
            company=self.lead.name,
            city=self.place.city,
            day=rng.choice(WEEKDAYS),
            time=f"{rng.choice((9, 10, 11, 1, 2, 3))}:{rng.choice(('00', '30'))}",
            kwh=rng.randint(80, 990),
            bill=rng.randint(9, 180) * 10,
            n=n * 4,
            m=n * 4 + rng.randint(4, 30),
            score=rng.randint(7, 10),
        )


def _taken(cast: Cast) -> set[str]:
    """Return our sender numbers and the numbers of existing leads."""
    ours = SenderNumber.objects.values_list("phone", flat=True)
    theirs = ContactPhone.objects.filter(organization=cast.organization)
    return {*ours, *theirs.values_list("phone", flat=True)}


class Casting:
    """Creates subjects for one organization."""

    def __init__(self, cast: Cast, clock: Clock) -> None:
        self.cast = cast
        self.clock = clock
        self.numbers = Numbers(_taken(cast))

    def subject(self, rng: random.Random, batch: Batch, *, abroad: bool = False) -> Subject:
        """Add a lead with everything except its texts to the batch."""
        place = rng.choice(PLACES)
        lead = self._lead(rng, place)
        phone = self.numbers.abroad() if abroad else self.number(rng, place)
        contact = add_contact(batch, lead, people.person(rng), phone, rng.choice(people.TITLES))
        batch.leads.append(lead)
        batch.addresses.append(_address(rng, lead, place))
        if rng.random() < 0.4:
            self._others(rng, batch, lead, place)
        return Subject(self.cast, lead, contact, phone, place)

    def number(self, rng: random.Random, place: Place) -> str:
        return self.numbers.of(rng.choice(place.area_codes))

    def _lead(self, rng: random.Random, place: Place) -> Lead:
        organization = self.cast.organization
        name = people.company(rng, place.city)
        weights = [STATUSES[status.label] for status in self.cast.statuses]
        owners: list[User | None] = [*self.cast.users[:3], None]
        owner = rng.choices(owners, [4, 3, 2, 1][: len(owners)])[0]
        return Lead(
            organization=organization,
            name=name,
            status=rng.choices(self.cast.statuses, weights)[0],
            owner=owner,
            created_by=owner,
            url=f"https://www.{people.domain(name)}" if rng.random() < 0.7 else "",
            description=f"{rng.randint(2, 60)} people, {place.city}." if rng.random() < 0.5 else "",
            custom=self._custom(rng),
        )

    def _custom(self, rng: random.Random) -> dict[str, Any]:
        if not self.cast.fields:
            return {}
        trial = self.clock.midnight.date() + timedelta(days=rng.randint(-90, 30))
        values = {
            "Source": rng.choice(SOURCES),
            "Roof area": rng.randint(8, 240) * 100,
            "Monthly bill": rng.randint(9, 180) * 10,
            "Trial ends": trial.isoformat(),
            "Installer": rng.choice(self.cast.users).pk,
        }
        return {name: value for name, value in values.items() if rng.random() < 0.6}

    def _others(self, rng: random.Random, batch: Batch, lead: Lead, place: Place) -> None:
        for _ in range(rng.randint(1, 3)):
            name = people.person(rng)
            add_contact(batch, lead, name, self.number(rng, place), rng.choice(people.TITLES))
        if rng.random() < 0.3:
            batch.phones[-1].label = ContactPhone.Label.OFFICE
            batch.phones[-1].extension = str(rng.randint(100, 499))

    def opened(self, subject: Subject, at: datetime, batch: Batch, rng: random.Random) -> None:
        """Set when the lead was created, and add notes since then."""
        subject.lead.created = at
        if rng.random() < 0.25:
            batch.consents.append(_consent(subject, at, batch))
        if rng.random() < 0.35:
            batch.notes.append(self._note(subject, at, rng))

    def _note(self, subject: Subject, at: datetime, rng: random.Random) -> Note:
        longest = min(timedelta(days=40), max(timedelta(0), self.clock.midnight - at))
        return Note(
            organization=subject.lead.organization,
            lead=subject.lead,
            user=subject.user,
            text=subject.say(rng.choice(texts.NOTES), rng),
            created=at + timedelta(seconds=int(longest.total_seconds() * rng.random())),
        )


def add_contact(batch: Batch, lead: Lead, name: str, phone: str, title: str = "") -> Contact:
    organization = lead.organization
    contact = Contact(organization=organization, lead=lead, name=name, title=title)
    batch.contacts.append(contact)
    batch.phones.append(ContactPhone(organization=organization, contact=contact, phone=phone))
    email = f"{people.mailbox(name)}@{people.domain(lead.name)}"
    batch.emails.append(ContactEmail(organization=organization, contact=contact, email=email))
    return contact


def _address(rng: random.Random, lead: Lead, place: Place) -> Address:
    return Address(
        organization=lead.organization,
        lead=lead,
        street=f"{rng.randint(1, 2400)} {rng.choice(people.STREETS)}",
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        country=place.country,
    )


def _consent(subject: Subject, at: datetime, batch: Batch) -> Consent:
    return Consent(
        organization=subject.lead.organization,
        recipient=batch.recipient(subject.phone, subject.lead),
        given=at,
        method="Checked a box on the website",
        wording=texts.CONSENT,
        page="https://northwindsolar.example/quote",
    )

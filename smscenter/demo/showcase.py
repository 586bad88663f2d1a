"""Leads at the top of the list of `rep`. Each tells one story."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from leads.models import Contact, ContactPhone, Lead, Note
from messaging.carriers.sandbox.numbers import TO
from messaging.models import OptOut
from messaging.models.reason import Reason
from smscenter.demo.clock import Clock
from smscenter.demo.failures import ALL
from smscenter.demo.organizations import Cast
from smscenter.demo.recording import record
from smscenter.demo.rows import Batch
from smscenter.demo.story import Status, Text
from smscenter.demo.subjects import add_contact


class Stage:
    def __init__(self, cast: Cast, clock: Clock, rng: random.Random) -> None:
        self.cast, self.clock, self.rng = cast, clock, rng
        self.batch = Batch()
        self.texts: list[Text] = []
        self.first_phone: dict[int, str] = {}

    def lead(self, name: str, status: str, description: str = "") -> Lead:
        lead = Lead(
            organization=self.cast.organization,
            name=name,
            status=next(row for row in self.cast.statuses if row.label == status),
            owner=self.cast.rep,
            created_by=self.cast.rep,
            description=description,
            created=self.clock.at(40, timedelta(hours=10)),
        )
        self.batch.leads.append(lead)
        return lead

    def contact(self, lead: Lead, name: str, title: str, phone: str) -> Contact:
        contact = add_contact(self.batch, lead, name, phone, title)
        self.first_phone[id(contact)] = phone
        return contact

    def another_phone(self, contact: Contact, phone: str, label: str) -> str:
        self.batch.phones.append(
            ContactPhone(
                organization=contact.organization, contact=contact, phone=phone, label=label
            )
        )
        return phone

    def say(self, contact: Contact, at: datetime, words: str, phone: str = "") -> Text:
        """Add texts: `>` is outgoing and `<` incoming. The default phone is the person's first."""
        text = Text(
            lead=contact.lead,
            contact=contact,
            phone=phone or self.first_phone[id(contact)],
            sender=self.cast.own or self.cast.main,
            words=words[2:],
            at=at,
            user=self.cast.rep,
            status=Status.SENT if words.startswith(">") else Status.INBOX,
        )
        self.texts.append(text)
        return text

    def note(self, lead: Lead, at: datetime, words: str) -> None:
        self.batch.notes.append(
            Note(
                organization=lead.organization,
                lead=lead,
                user=self.cast.rep,
                text=words,
                created=at,
            )
        )

    def day(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        return self.clock.at(days_ago, timedelta(hours=hour, minutes=minute))

    def close(self) -> Batch:
        """Return the texts by lead, oldest first, because the triggers update the lead."""
        for lead in self.batch.leads:
            for text in sorted((t for t in self.texts if t.lead is lead), key=lambda t: t.at):
                record(text, self.batch, self.rng)
        return self.batch


def stage(cast: Cast, clock: Clock, rng: random.Random) -> Batch:
    """Return all showcase leads, unsaved."""
    it = Stage(cast, clock, rng)
    for add_story in STORIES:
        add_story(it)
    return it.close()


def _spam(it: Stage) -> None:
    lead = it.lead("Sunrise Dental Group", "Qualified", "Two offices. They own both roofs.")
    ada = it.contact(lead, "Ada Sorensen", "Practice Manager", "+14155550187")
    it.say(ada, it.day(6, 10, 12), "> Hi Ada, this is Robin from Northwind Solar. Is a text okay?")
    it.say(ada, it.day(6, 10, 31), "< Yes! What would panels for both offices cost?")
    it.say(
        ada, it.day(6, 10, 40), "> About $38,000 before tax credits. Details come after the survey."
    )
    it.say(ada, it.day(2, 15, 5), "< Great, looking forward to it")
    it.note(lead, it.day(2, 15, 20), "Wants to sign this month. Send the offer first thing.")
    offer = "> Act now Ada: free money from the state for your roof! Details: bit.ly/nw-offer"
    it.say(ada, it.clock.today(1), offer).fail(ALL[Reason.SPAM])


def _landline(it: Stage) -> None:
    lead = it.lead("Harbor Lane Bakery", "Contacted")
    tomas = it.contact(lead, "Tomas Rivera", "Owner", "+16175550148")
    office = it.another_phone(tomas, "+16175550149", ContactPhone.Label.OFFICE)
    it.say(tomas, it.day(1, 9, 2), "> Hi Tomas, Robin from Northwind Solar. Is this a good number?")
    it.say(tomas, it.day(1, 9, 30), "< Yes, but the office phone is faster: 617 555 0149")
    photo = "> Hi Tomas, could you send a photo of the meter to this number?"
    it.say(tomas, it.clock.today(0.98), photo, phone=office).fail(ALL[Reason.NOT_SMS_CAPABLE])


def _opted_out(it: Stage) -> None:
    lead = it.lead("Cedar Hill Veterinary", "Potential")
    grace = it.contact(lead, "Grace Kim", "Office Manager", "+12065550133")
    it.contact(lead, "Paul Novak", "Co-owner", "+12065550134")
    it.say(grace, it.day(1, 14), "> Hi Grace, are you still interested? Reply STOP to opt out.")
    it.say(grace, it.clock.today(0.93), "< STOP").opt_out = OptOut.Source.KEYWORD
    it.note(lead, it.clock.today(0.96), "Grace opted out. Paul is interested: call him.")


def _abroad(it: Stage) -> None:
    about = "Warehouse in Miami, office in Kingston."
    lead = it.lead("Blue Mountain Coffee Imports", "Qualified", about)
    marcia = it.contact(lead, "Marcia Campbell", "Director", "+18769220142")
    it.contact(lead, "Devon Clarke", "Warehouse Manager", "+13055550171")
    question = "> Hi Marcia, may we survey the Miami roof on Friday?"
    it.say(marcia, it.clock.today(0.95), question).fail(ALL[Reason.UNSUPPORTED_COUNTRY])


def _laboratory(it: Stage) -> None:
    lead = it.lead(
        "Sandbox Test Lab",
        "Potential",
        "A lead for testing. The sandbox carrier treats each of these numbers as its title says. "
        "Text one to see what your team would see.",
    )
    for number, behavior in TO.items():
        it.contact(lead, f"Test {number[-4:]}", _title(str(behavior)), number)
    it.note(
        lead, it.clock.today(0.97), "Text Test 0106 for a landline, Test 0107 for a spam filter."
    )


def _title(behavior: str) -> str:
    return (behavior[0].upper() + behavior[1:])[:120]


STORIES: tuple[Callable[[Stage], None], ...] = (_laboratory, _abroad, _opted_out, _landline, _spam)

"""Texts between a sales team and its leads. `>` is outgoing and `<` incoming."""

from dataclasses import dataclass
from pathlib import Path

MATERIAL = Path(__file__).parent / "material"


@dataclass(frozen=True)
class Line:
    outgoing: bool
    words: str


Exchange = tuple[Line, ...]


def _exchanges(name: str) -> list[Exchange]:
    """Return the exchanges of a file: one per paragraph, one text per line."""
    return [
        tuple(Line(line.startswith(">"), line[2:]) for line in paragraph.splitlines())
        for paragraph in (MATERIAL / f"{name}.txt").read_text().strip().split("\n\n")
    ]


def lines(name: str) -> list[str]:
    return (MATERIAL / f"{name}.txt").read_text().splitlines()


OPENINGS = _exchanges("openings")

MIDDLE = _exchanges("middle")

SERVICE = _exchanges("service")

# Texts to people who never reply.
SILENT = lines("silent")
SPAM = lines("spam")
OPT_OUT_WORDS = [
    "Please stop texting me",
    "take me off your list please",
    "Don't text this number again",
]
# Longer than the 1,600 characters that carriers accept.
LONG = "Here is the whole offer for {company}, {first}. " + " ".join(
    f"Item {number}: rails, panels, inverter, wiring and permits for section {number}, "
    f"ready {number} days after the first."
    for number in range(1, 21)
)
NOTES = lines("notes")
DRAFTS = [
    "Hi {first}, thanks again for the tour on {day}. I'll",
    "Good morning {first}, about the ",
]
SCHEDULED = [
    "Good morning {first}, a reminder: our engineer is at {company} on {day} at {time}.",
    "Hi {first}, the price of your proposal holds until Friday. Any questions?",
]
TEMPLATES = {
    "First contact": "Hi {{ contact.first_name|there }}, this is {{ user.first_name }} from "
    "Northwind Solar. You asked about panels for {{ lead.name }}. Is a text okay?",
    "Follow-up": "Hi {{ contact.first_name|there }}, just following up on solar for "
    "{{ lead.name }}. Reply STOP to opt out.",
    "Proposal sent": "Hi {{ contact.first_name|there }}, the proposal for {{ lead.name }} is in "
    "your inbox. I'm here for questions. {{ user.first_name }}",
    "Survey reminder": "Hi {{ contact.first_name|there }}, a reminder: our engineer is "
    "coming tomorrow. Someone just needs to open the roof hatch.",
    "Trial ends": "Hi {{ contact.first_name|there }}, the free trial of your energy monitor ends "
    "soon. Would you like to keep it?",
}
CONSENT = (
    "By checking this box I agree that Northwind Solar texts me about my request. "
    "Reply STOP to opt out. Message and data rates may apply."
)

"""What other apps know of our numbers, such as that a carrier whitelisted one.

They register it in their AppConfig.ready; it is shown wherever a number of ours is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from messaging.models import SenderNumber


@dataclass(frozen=True)
class SenderFact:
    """In a word or two, with more of it for those who ask."""

    text: str
    tone: Literal["good", "warning"] = "good"
    detail: str = ""
    # Whether a spam filter lets its texts pass, so that what it blocked can be tried again.
    passes_filters: bool = False


class SenderFacts(Protocol):
    def __call__(self, organizations: Collection[int]) -> Mapping[int, list[SenderFact]]:
        """The facts of these organizations' numbers, by their ids, in a fixed number of queries."""


_sources: list[SenderFacts] = []


def register(source: SenderFacts) -> None:
    _sources.append(source)


def facts_of(*organizations: int) -> dict[int, list[SenderFact]]:
    """What all apps know of these organizations' numbers."""
    known: dict[int, list[SenderFact]] = {}
    for source in _sources:
        for sender, facts in source(organizations).items():
            known.setdefault(sender, []).extend(facts)
    return known


def label(sender: SenderNumber, known: Mapping[int, list[SenderFact]]) -> str:
    """What a number is called where it can be chosen, and only words can be shown."""
    facts = ", ".join(fact.text for fact in known.get(sender.pk, ()))
    return f"{sender} ({facts})" if facts else str(sender)

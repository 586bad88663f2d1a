"""What other apps know of our numbers, such as that a carrier whitelisted one.

They register it in their AppConfig.ready; it is shown wherever a number of ours is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class SenderFact:
    """In a word or two, with more of it for those who ask."""

    text: str
    tone: Literal["good", "warning"] = "good"
    detail: str = ""


class SenderFacts(Protocol):
    def __call__(self, organization_id: int) -> Mapping[int, list[SenderFact]]:
        """The facts of an organization's numbers, by their ids, in a fixed number of queries."""


_sources: list[SenderFacts] = []


def register(source: SenderFacts) -> None:
    _sources.append(source)


def facts_of(organization_id: int) -> dict[int, list[SenderFact]]:
    """What all apps know of this organization's numbers."""
    known: dict[int, list[SenderFact]] = {}
    for source in _sources:
        for sender, facts in source(organization_id).items():
            known.setdefault(sender, []).extend(facts)
    return known

"""What other apps know about sender numbers, such as that a carrier whitelisted one.

They're shown next to every sender number.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from django.http import HttpRequest

from messaging.models import SenderNumber
from smscenter.registry import Registry


@dataclass(frozen=True)
class SenderFact:
    """A badge of one or two words, with `detail` as its tooltip."""

    text: str
    tone: Literal["good", "warning"] = "good"
    detail: str = ""
    # Whether spam filters let its texts pass, so that blocked texts can be resent.
    passes_filters: bool = False
    # Only on the number's own page.
    is_minor: bool = False


class SenderFacts(Protocol):
    def __call__(self, organizations: Collection[int]) -> Mapping[int, list[SenderFact]]:
        """Return the facts by sender number id, in a fixed number of queries."""


sender_facts: Registry[SenderFacts] = Registry()


def facts_of(*organizations: int, minor: bool = False) -> dict[int, list[SenderFact]]:
    """Return what all apps know about these organizations' sender numbers, by id.

    Of facts with the same words, such as two whitelistings, only the first is there.
    """
    known: dict[int, dict[str, SenderFact]] = {}
    for source in sender_facts:
        for sender, facts in source(organizations).items():
            for fact in facts:
                if minor or not fact.is_minor:
                    known.setdefault(sender, {}).setdefault(fact.text, fact)
    return {sender: list(facts.values()) for sender, facts in known.items()}


@dataclass
class Known:
    """The facts read for a request, so that each organization is looked up once."""

    organizations: set[int] = field(default_factory=set)
    facts: dict[int, list[SenderFact]] = field(default_factory=dict)


def facts_once(request: HttpRequest | None, *organizations: int) -> dict[int, list[SenderFact]]:
    """Return the same, but read it only once for a page."""
    known: Known = getattr(request, "_sender_facts", Known())
    if unknown := set(organizations) - known.organizations:
        known.facts |= facts_of(*unknown)
        known.organizations |= unknown
        if request is not None:
            request._sender_facts = known  # type: ignore[attr-defined]
    return known.facts


def label(sender: SenderNumber, known: Mapping[int, list[SenderFact]]) -> str:
    """Return a sender number's label for a select, where badges can't be shown."""
    facts = [fact.text for fact in known.get(sender.pk, ())]
    if not sender.registered:
        facts.insert(0, "not registered")
    if not sender.takes_replies:
        facts.insert(0, "no replies")
    return f"{sender} ({', '.join(facts)})" if facts else str(sender)

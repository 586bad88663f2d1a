"""What the lead page shows, and how other apps add to it.

An app registers activities, panels, and facts about phone numbers in its hooks (docs/extend.md).
Leads does the same with notes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, Protocol

from django.db.models import Prefetch, QuerySet
from django.template import Context

from leads.models import Lead
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import Organization
from smscenter.registry import Registry
from smscenter.rendering.row_templates import ListRow


@dataclass(frozen=True)
class ActivityKind:
    """A kind of row in the timeline, such as notes or messages.

    `rows` returns all rows of a lead in a fixed number of queries, unordered; each has `created`
    and `id`. `template` gets the row as `row`. While `is_pending` is true, an open page polls the
    row and replaces it when its `version` changes; screen readers then read the text that
    `announce` returns. `author` is the ID of the user who wrote the row: it's new to all others.
    Consecutive rows of the same `run` are shown as one group. With `prepare`, `template` is that of
    a list row (smscenter/rendering/row_templates.py), and gets what `prepare` returns for a row in
    the context of a page. `rows` isn't read if `may_exist` says that the lead has none.

    The query of the newest rows is compiled once if `is_prepared`. Then `rows` reads only the IDs
    of the lead and its organization, and what to prefetch is in `prefetch` instead.
    """

    name: str
    rows: Callable[[Lead], QuerySet[Any]]
    template: str
    is_pending: Callable[[Any], bool] = lambda _row: False
    version: Callable[[Any], str] = lambda _row: ""
    announce: Callable[[Any], str] = lambda _row: ""
    author: Callable[[Any], int | None] = lambda _row: None
    run: Callable[[Any], str] = lambda _row: ""
    prepare: Callable[[Any, Context], ListRow] | None = None
    may_exist: Callable[[Lead], bool] = lambda _lead: True
    is_prepared: bool = False
    prefetch: Callable[[Lead], Iterable["str | Prefetch[Any]"]] = lambda _lead: ()


@dataclass(frozen=True)
class Panel:
    """A part of the page: one of `panels` above the timeline, or of `cards` in the side column."""

    template: str
    context: Callable[[MemberRequest, Lead], Mapping[str, Any]]


@dataclass(frozen=True)
class PhoneFact:
    """A short fact about a phone number, with an optional link, and a button that POSTs.

    With `action_note`, which labels it, the form of the button also has a field named `note`.
    """

    text: str
    tone: Literal["neutral", "warning", "error"] = "neutral"
    detail: str = ""
    action: str = ""
    action_url: str = ""
    action_note: str = ""
    link: str = ""
    link_url: str = ""


class PhoneFacts(Protocol):
    def __call__(
        self, organization: Organization, phones: Iterable[str]
    ) -> Mapping[str, list[PhoneFact]]:
        """Return the facts about each of these numbers (E.164) in a fixed number of queries."""


def place_of(lead_id: int) -> str:
    """Return the place of notifications that are read on the lead's page."""
    return f"lead:{lead_id}"


activities: Registry[ActivityKind] = Registry(key=attrgetter("name"))
panels: Registry[Panel] = Registry(key=attrgetter("template"))
# Parts of the page below the details, in the side column.
cards: Registry[Panel] = Registry(key=attrgetter("template"))
phone_facts: Registry[PhoneFacts] = Registry()


def facts_of(organization: Organization, phones: Iterable[str]) -> dict[str, list[PhoneFact]]:
    """Return what all apps know about these numbers."""
    numbers = set(phones)
    known: dict[str, list[PhoneFact]] = {number: [] for number in numbers}
    for source in phone_facts:
        for number, facts in source(organization, numbers).items():
            known[number] += facts
    return known

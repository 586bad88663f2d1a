"""Define the search fields of requests, and those that support adds to leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from leads.vocabulary import leads, whole_number
from search.language.tree import Value
from search.words import vocabulary
from search.words.columns import Column, CountColumn, EitherColumn, Parent, Rows
from search.words.fields import Choice, Option, Text, fixed
from search.words.people import Person
from search.words.phones import Phone
from search.words.quantities import DateField, Number, RelatedCount
from search.words.searcher import Searcher
from search.words.vocabulary import Flag, Vocabulary
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest, SupportRequestMessage
from smscenter.support.models.states import State, is_reviewer
from smscenter.support.review.filters import reviewers

SENDER = Parent("messaging.SenderNumber", "sender", everywhere=True)


class SupportRequestVocabulary(Vocabulary):
    """Search requests of all organizations, for support staff only."""

    page = "review_queue"

    def is_for(self, user: Any) -> bool:
        return is_reviewer(user)

    def visible_to(self, user: Any) -> QuerySet[SupportRequest]:
        return SupportRequest.objects.for_reviewer(user)

    def rows(self, searcher: Searcher) -> QuerySet[SupportRequest]:
        return self.visible_to(searcher.user)


def organizations(searcher: Searcher) -> list[Option]:
    def read() -> list[Option]:
        asking = (
            SupportRequest.objects.for_reviewer(searcher.user).order_by().values("organization")
        )
        return [Option(row.pk, row.name) for row in Organization.objects.filter(pk__in=asking)]

    return searcher.once("organizations", read)


def assignees(searcher: Searcher) -> list[User]:
    may = is_reviewer(searcher.user)
    return searcher.once("reviewers", lambda: list(reviewers()) if may else [])


def requesters(searcher: Searcher) -> list[User]:
    asking = SupportRequest.objects.for_reviewer(searcher.user).order_by().values("created_by")
    rows = User.objects.filter(pk__in=asking).order_by("id")
    return searcher.once("requesters", lambda: list(rows))


# Names for several states.
STATES = {
    "open": frozenset(state.value for state in State if state.is_open),
    "decided": frozenset(state.value for state in State if state.is_decision),
}


@dataclass(frozen=True)
class StateChoice(Choice):
    """Choose a state, or several at once with `open` and `decided`."""

    def states(self, value: Value, searcher: Searcher) -> frozenset[str]:
        chosen = self.option(value, searcher).value
        return STATES.get(chosen, frozenset({chosen}))

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        return self.column.q("in", sorted(self.states(value, searcher)), searcher)

    def q_in(self, values: Sequence[Value], searcher: Searcher) -> Q:
        chosen = {state for value in values for state in self.states(value, searcher)}
        return self.column.q("in", sorted(chosen), searcher)

    def excludes(self, one: Value, other: Value, searcher: Searcher) -> bool:
        if one.is_none or other.is_none:
            return True
        return self.states(one, searcher).isdisjoint(self.states(other, searcher))


requests = vocabulary.register(
    "request", SupportRequest, "request", "requests", kind=SupportRequestVocabulary
)
requests.add(
    Text("subject", Column("subject"), meaning="Subject of a question.", example="subject:fraud"),
    Text(
        "text body examples",
        EitherColumn("examples", other="body"),
        meaning="Example messages, or the question itself.",
        example="text:estimate",
    ),
    Text(
        "website url",
        Column("website"),
        meaning="Website in the request.",
        example="website:example.com",
    ),
    Text(
        "ticket carrier_ticket",
        Column("carrier_ticket"),
        noun="carrier's ticket",
        meaning="The carrier's ticket number.",
        example="ticket:*",
    ),
    bare=True,
)
requests.look_in(
    Text("content", Column("content_type"), meaning=""),
    Text("relation", Column("relationship"), meaning=""),
    Text("organization_name", Column("organization__name"), meaning=""),
    Phone("sender_number", Column("sender__phone"), read=whole_number, meaning=""),
)
requests.add(
    StateChoice(
        "state status",
        Column("state"),
        options=fixed(
            [
                ("open", "Open: waiting for a decision"),
                ("decided", "Decided"),
                *((state.value, state.label) for state in State if state is not State.DRAFT),
            ]
        ),
        meaning="Status of the request.",
        example="state:submitted",
    ),
    Choice(
        "kind type",
        Column("kind"),
        options=fixed(SupportRequest.Kind.choices, other="question"),
        meaning="Whitelist request or question.",
        example="kind:whitelist",
    ),
    Choice(
        "organization org",
        Column("organization"),
        options=organizations,
        by_value=False,
        sorted_by="organization__name",
        meaning="Organization that sent the request.",
        example="organization:*",
    ),
    Person(
        "assignee assigned_to",
        Column("assignee"),
        verb="assigned to",
        tense="is now",
        among=assignees,
        sorted_by="assignee__username",
        meaning="Support agent assigned to the request.",
        example="assignee:me",
    ),
    Person(
        "requester created_by",
        Column("created_by"),
        verb="requested by",
        among=requesters,
        sorted_by="created_by__username",
        meaning="User who created the request.",
        example="requester:*",
    ),
    DateField(
        "submitted age date_submitted",
        Column("submitted"),
        meaning="Date submitted.",
        example="age > 2 days ago",
    ),
    DateField(
        "created date date_created",
        Column("created"),
        meaning="Date created.",
        example='created:"this month"',
    ),
    DateField(
        "updated date_updated",
        Column("updated"),
        meaning="Date updated.",
        example="updated:today",
    ),
    DateField(
        "answered first_answered",
        Column("first_answered"),
        noun="first answered",
        meaning="Date of support's first response.",
        example="answered:never",
    ),
    DateField(
        "decided date_decided",
        Column("decided"),
        meaning="Date decided.",
        example='decided:"last week"',
    ),
    DateField(
        "expires",
        Column("expires"),
        rows=Rows("support.Whitelisting", "request", everywhere=True),
        noun="whitelisted until",
        meaning="Date the whitelisting expires.",
        example='expires:"this month"',
    ),
    Text(
        "decision",
        Column("decision"),
        noun="decision reason",
        meaning="Reason for the decision.",
        example="decision:*",
    ),
    Text(
        "history notes",
        Column("note"),
        rows=Rows("support.SupportRequestEvent", "request", everywhere=True),
        noun="history",
        meaning="Comments and internal notes.",
        example="history:website",
    ),
    Phone(
        "number phone from sender",
        Column("phone"),
        rows=SENDER,
        read=whole_number,
        noun="sender number",
        meaning="Sender number in the request.",
        example="number:212",
    ),
    Text(
        "carrier",
        Column("carrier"),
        rows=SENDER,
        meaning="Carrier of the sender number.",
        example="carrier:sandbox",
    ),
    Choice(
        "opted_in",
        Column("opted_in"),
        options=fixed(SupportRequest.OptedIn.choices),
        noun="opt-in",
        meaning="Whether recipients opted in.",
        example="opted_in:no",
    ),
    Number("volume", Column("volume"), meaning="Texts per month.", example="volume > 1000"),
    RelatedCount(
        "messages texts",
        CountColumn("", Rows("support.SupportRequestMessage", "request", everywhere=True)),
        noun="texts",
        meaning="Number of failed texts attached.",
        example="messages > 0",
    ),
    RelatedCount(
        "evidence files",
        CountColumn("", Rows("support.Evidence", "request", everywhere=True)),
        noun="files",
        meaning="Number of files attached.",
        example="evidence = 0",
    ),
)
requests.not_tracked(
    "states, people, numbers, dates, tickets, and the text of a request",
    priorities="priority severity urgency",
    tags="tag tags label labels",
)


def in_whitelist_requests(searcher: Searcher) -> Q:
    """Return leads with a text in a whitelist request."""
    evidence = SupportRequestMessage.objects.filter(
        organization_id=searcher.organization, request__kind="whitelist"
    )
    return Q(pk__in=evidence.order_by().values("message__lead"))


leads.add_flag(
    Flag(
        "whitelist_requests",
        in_whitelist_requests,
        noun="a whitelist request",
        meaning="A text in a whitelist request.",
    )
)

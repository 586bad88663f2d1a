"""Define the search fields of requests, and those that support adds to leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from leads.hooks.vocabulary import leads, whole_number
from messaging import carriers
from search.language.tree import Value
from search.words.choice_fields import ChoiceField, Option, fixed
from search.words.columns import Column, CountColumn, EitherColumn
from search.words.context import SearchContext
from search.words.date_fields import DateField
from search.words.fields import ALL_ROWS, any_of
from search.words.number_fields import NumberField, RelatedCountField
from search.words.phone_fields import PhoneField
from search.words.related_rows import ParentRow, RelatedRows
from search.words.text_fields import TextField
from search.words.user_fields import UserField
from search.words.vocabulary import Flag, Vocabulary, vocabularies
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest, SupportRequestMessage, targets
from smscenter.support.models.states import State, is_reviewer
from smscenter.support.review.filters import reviewers

SENDER = ParentRow("messaging.SenderNumber", "sender", all_organizations=True)
ORGANIZATION = ParentRow("accounts.Organization", "organization", all_organizations=True)


class SupportRequestVocabulary(Vocabulary):
    """The fields of requests, which support staff search across organizations."""

    page = "review_queue"

    def is_available_to(self, user: Any) -> bool:
        return is_reviewer(user)

    def visible_to(self, user: Any) -> QuerySet[SupportRequest]:
        return SupportRequest.objects.for_reviewer(user)

    def rows(self, context: SearchContext) -> QuerySet[SupportRequest]:
        return self.visible_to(context.user)


def organizations(context: SearchContext) -> list[Option]:
    def read() -> list[Option]:
        asking = SupportRequest.objects.for_reviewer(context.user).order_by().values("organization")
        return [Option(row.pk, row.name) for row in Organization.objects.filter(pk__in=asking)]

    return context.once("organizations", read)


def assignees(context: SearchContext) -> list[User]:
    may = is_reviewer(context.user)
    return context.once("reviewers", lambda: list(reviewers()) if may else [])


def requesters(context: SearchContext) -> list[User]:
    asking = SupportRequest.objects.for_reviewer(context.user).order_by().values("created_by")
    rows = User.objects.filter(pk__in=asking).order_by("id")
    return context.once("requesters", lambda: list(rows))


# Names for several states.
STATES = {
    "open": frozenset(state.value for state in State if state.is_open),
    "decided": frozenset(state.value for state in State if state.is_decision),
}


@dataclass(frozen=True)
class StateChoice(ChoiceField):
    """A state, or several at once: `state:open`, `state:decided`."""

    def states(self, value: Value, context: SearchContext) -> frozenset[str]:
        chosen = self.option(value, context).value
        return STATES.get(chosen, frozenset({chosen}))

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        return self.column.q("in", sorted(self.states(value, context)), context)

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        chosen = {state for value in values for state in self.states(value, context)}
        return self.column.q("in", sorted(chosen), context)

    def excludes(self, one: Value, other: Value, context: SearchContext) -> bool:
        if one.is_none or other.is_none:
            return True
        return self.states(one, context).isdisjoint(self.states(other, context))


@dataclass(frozen=True)
class OverdueField(ChoiceField):
    """Whether a request waits longer than support's targets: `overdue:yes`."""

    def matching(self, operator: str, value: Value, context: SearchContext) -> Q:
        is_overdue = targets.overdue()
        return is_overdue if self.option(value, context).value == "yes" else ~is_overdue

    def q_in(self, values: Sequence[Value], context: SearchContext) -> Q:
        return any_of([self.matching("=", value, context) for value in values])

    def filled(self, context: SearchContext) -> Q:
        return ALL_ROWS


requests = SupportRequestVocabulary("request", SupportRequest, "request", "requests")
vocabularies.register(requests)
requests.add(
    TextField(
        "subject", Column("subject"), meaning="Subject of a question.", example="subject:fraud"
    ),
    TextField(
        "text body examples",
        EitherColumn("examples", Column("examples"), Column("body")),
        meaning="Example messages, or the question itself.",
        example="text:estimate",
    ),
    TextField(
        "website url",
        Column("website"),
        meaning="Website in the request.",
        example="website:example.com",
    ),
    TextField(
        "ticket carrier_ticket",
        Column("carrier_ticket"),
        noun="carrier's ticket",
        meaning="The carrier's ticket number.",
        example="ticket:*",
    ),
    bare=True,
)
requests.bare_index = RelatedRows("support.SupportRequest", "pk", all_organizations=True)
requests.add_bare(
    TextField("content", Column("content_type"), meaning=""),
    TextField("relation", Column("relationship"), meaning=""),
    # Of their own rows, because with joined ones PostgreSQL uses no index for the other words.
    TextField("organization_name", Column("name"), rows=ORGANIZATION, meaning=""),
    PhoneField("sender_number", Column("phone"), rows=SENDER, to_e164=whole_number, meaning=""),
)
requests.add(
    StateChoice(
        "state status",
        Column("state"),
        options=fixed(
            [
                ("open", "Open (waiting for a decision)"),
                ("decided", "Decided"),
                *((state.value, state.label) for state in State if state is not State.DRAFT),
            ]
        ),
        meaning="Status of the request.",
        example="state:submitted",
    ),
    OverdueField(
        "overdue late",
        Column("submitted"),
        options=fixed([("yes", "Yes"), ("no", "No")]),
        meaning="Waiting longer than the target times.",
        example="overdue:yes",
    ),
    ChoiceField(
        "kind type",
        Column("kind"),
        options=fixed(SupportRequest.Kind.choices, other="question"),
        meaning="Whitelist request or question.",
        example="kind:whitelist",
    ),
    ChoiceField(
        "organization org",
        Column("organization"),
        options=organizations,
        by_value=False,
        sorted_by="organization__name",
        meaning="Organization that sent the request.",
        example="organization:*",
    ),
    UserField(
        "assignee assigned_to",
        Column("assignee"),
        verb="assigned to",
        tense="is now",
        users=assignees,
        sorted_by="assignee__username",
        meaning="Support agent assigned to the request.",
        example="assignee:me",
    ),
    UserField(
        "requester created_by",
        Column("created_by"),
        verb="requested by",
        users=requesters,
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
        rows=RelatedRows("support.Whitelisting", "request", all_organizations=True),
        noun="whitelisted until",
        meaning="Date the whitelisting expires.",
        example='expires:"this month"',
    ),
    TextField(
        "decision",
        Column("decision"),
        noun="decision reason",
        meaning="Reason for the decision.",
        example="decision:*",
    ),
    TextField(
        "history notes",
        Column("note"),
        rows=RelatedRows("support.SupportRequestEvent", "request", all_organizations=True),
        noun="history",
        meaning="Comments and internal notes.",
        example="history:website",
    ),
    PhoneField(
        "number phone from sender",
        Column("phone"),
        rows=SENDER,
        to_e164=whole_number,
        holds_names=True,
        noun="sender number",
        meaning="Sender number in the request.",
        example="number:212",
    ),
    TextField(
        "carrier",
        Column("carrier"),
        rows=SENDER,
        meaning="Carrier of the sender number.",
        example=f"carrier:{carriers.example_key()}",
    ),
    ChoiceField(
        "opted_in",
        Column("opted_in"),
        options=fixed(SupportRequest.OptedIn.choices),
        noun="opt-in",
        meaning="Whether recipients opted in.",
        example="opted_in:no",
    ),
    NumberField("volume", Column("volume"), meaning="Texts per month.", example="volume > 1000"),
    RelatedCountField(
        "messages texts",
        CountColumn(
            rows=RelatedRows("support.SupportRequestMessage", "request", all_organizations=True)
        ),
        noun="texts",
        meaning="Number of failed texts attached.",
        example="messages > 0",
    ),
    RelatedCountField(
        "evidence files",
        CountColumn(rows=RelatedRows("support.Evidence", "request", all_organizations=True)),
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


def in_whitelist_requests(context: SearchContext) -> Q:
    """Return the condition that a whitelist request includes a text to the lead."""
    evidence = SupportRequestMessage.objects.filter(
        organization_id=context.organization, request__kind="whitelist"
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

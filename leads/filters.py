from collections.abc import Sequence
from typing import Any, NamedTuple

import django_filters
from django.db.models import QuerySet

from leads.models import Lead, LeadStatus
from search.answering.filters import ListFilter, Person
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User, active_members, shown_name
from smscenter.database.prepared import Prepared

NOBODY = "null"


class Status(NamedTuple):
    """A status as a filter's value."""

    pk: int
    label: str
    color: str

    def __str__(self) -> str:
        return self.label


@Prepared
def _statuses(organization: int) -> QuerySet[Any, Any]:
    return LeadStatus.objects.visible_in(organization).values_list(*Status._fields)


@Prepared
def _people(organization: int) -> QuerySet[Any, Any]:
    return active_members(organization).values_list("pk", "username", "first_name", "last_name")


def statuses(request: MemberRequest) -> list[Status]:
    """Return the statuses, which are read once per request."""
    kept = vars(request)
    if "_statuses" not in kept:
        kept["_statuses"] = [*map(Status._make, _statuses(request.organization.pk))]
    found: list[Status] = kept["_statuses"]
    return found


def people(request: MemberRequest) -> list[Person]:
    """Return the people who can own leads, who are read once per request."""
    kept = vars(request)
    if "_people" not in kept:
        kept["_people"] = [
            Person(pk, username, shown_name(username, *names))
            for pk, username, *names in _people(request.organization.pk)
        ]
    found: list[Person] = kept["_people"]
    return found


def _stored_statuses(request: MemberRequest) -> QuerySet[LeadStatus]:
    return LeadStatus.objects.visible_to(request.user)


def _colleagues(request: MemberRequest) -> QuerySet[User]:
    return request.user.colleagues()


class LeadFilter(ListFilter):
    # The label, and the same filter as a search.
    TEXTS = {
        "failed": ("Has failed texts", "has:error_sms_messages"),
        "last_failed": ("Last text failed", "latest_sms_status:error"),
        "none": ("No texts yet", "not has:sms"),
    }

    status = django_filters.ModelChoiceFilter(queryset=_stored_statuses, empty_label="Any status")
    owner = django_filters.ModelChoiceFilter(
        queryset=_colleagues, empty_label="Anyone", null_label="Unassigned", null_value=NOBODY
    )
    texts = django_filters.ChoiceFilter(
        label="SMS activity",
        choices=[(key, label) for key, (label, _) in TEXTS.items()],
        empty_label="Any activity",
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def rows(self, name: str) -> Sequence[Status | Person]:
        return statuses(self.request) if name == "status" else people(self.request)

    def term(self, name: str, value: Any) -> str:
        if name == "texts":
            return self.TEXTS[value][1]
        return "owner:none" if value == NOBODY else super().term(name, value)

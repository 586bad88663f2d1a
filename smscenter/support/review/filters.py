from typing import Any

import django_filters
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from search.answering.filters import ListFilter
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State

UNASSIGNED = "null"
OPEN = "open"
AGES = {"1": "More than a day", "3": "More than 3 days", "7": "More than a week"}


def reviewers(_request: HttpRequest | None = None) -> QuerySet[User]:
    """Return the people who can be assigned requests."""
    may = Permission.objects.filter(
        codename="change_supportrequest", content_type__app_label="support"
    )
    rows = User.objects.filter(
        Q(is_superuser=True) | Q(groups__permissions__in=may) | Q(user_permissions__in=may),
        is_staff=True,
        is_active=True,
    )
    # By key, because people in two groups would be listed twice.
    people = User.objects.filter(pk__in=rows.values("pk"))
    return people.order_by("first_name", "last_name", "username")


class QueueFilter(ListFilter):
    """Filter the review queue. Shows open requests by default."""

    state = django_filters.ChoiceFilter(
        label="Status",
        choices=[
            (OPEN, "Open"),
            *((state.value, state.label) for state in State if state is not State.DRAFT),
        ],
        empty_label="Any status",
    )
    organization = django_filters.ModelChoiceFilter(
        queryset=Organization.objects.all(), empty_label="All organizations"
    )
    assignee = django_filters.ModelChoiceFilter(
        queryset=reviewers, empty_label="Anyone", null_label="Unassigned", null_value=UNASSIGNED
    )
    overdue = django_filters.ChoiceFilter(
        label="Target times", choices=[("yes", "Overdue")], empty_label="Any"
    )
    age = django_filters.ChoiceFilter(
        label="Waiting for", choices=list(AGES.items()), empty_label="Any time"
    )

    class Meta:
        model = SupportRequest
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any) -> None:
        # A search has its own states, and the form always sends one.
        if not {"state", "q"} & data.keys():
            data = data.copy()
            data["state"] = OPEN
        super().__init__(data, *args, **kwargs)

    def term(self, name: str, value: Any) -> str:
        if name == "age":
            return f"age > {value} days ago"
        return "assignee:none" if value == UNASSIGNED else super().term(name, value)

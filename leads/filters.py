from typing import Any

import django_filters
from django.db.models import QuerySet

from leads.models import Lead, LeadStatus
from search.answering.filters import ListFilter
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User

NOBODY = "null"


def statuses(request: MemberRequest) -> QuerySet[LeadStatus]:
    """Return the statuses, which are read once per request."""
    if "_statuses" not in vars(request):
        vars(request)["_statuses"] = LeadStatus.objects.visible_to(request.user)
    found: QuerySet[LeadStatus] = vars(request)["_statuses"]
    return found


def colleagues(request: MemberRequest) -> QuerySet[User]:
    """Return the people who can own leads, who are read once per request."""
    if "_colleagues" not in vars(request):
        vars(request)["_colleagues"] = request.user.colleagues()
    found: QuerySet[User] = vars(request)["_colleagues"]
    return found


class LeadFilter(ListFilter):
    # The label, and the same filter as a search.
    TEXTS = {
        "failed": ("Has failed texts", "has:error_sms_messages"),
        "last_failed": ("Last text failed", "latest_sms_status:error"),
        "none": ("No texts yet", "not has:sms"),
    }

    status = django_filters.ModelChoiceFilter(queryset=statuses, empty_label="Any status")
    owner = django_filters.ModelChoiceFilter(
        queryset=colleagues, empty_label="Anyone", null_label="Unassigned", null_value=NOBODY
    )
    texts = django_filters.ChoiceFilter(
        label="SMS activity",
        choices=[(key, label) for key, (label, _) in TEXTS.items()],
        empty_label="Any activity",
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def term(self, name: str, value: Any) -> str:
        if name == "texts":
            return self.TEXTS[value][1]
        return "owner:none" if value == NOBODY else super().term(name, value)

import django_filters
from django.db.models import QuerySet

from leads.models import Lead, LeadQuerySet, LeadStatus
from search.language.tree import quoted
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User

NOBODY = "null"


def statuses(request: MemberRequest) -> QuerySet[LeadStatus]:
    return LeadStatus.objects.visible_to(request.user)


def colleagues(request: MemberRequest) -> QuerySet[User]:
    return request.user.colleagues()


class LeadFilter(django_filters.FilterSet):  # type: ignore[misc]  # has no type hints
    # The label, the queryset method, and the same filter as a search.
    TEXTS = {
        "failed": ("Has failed texts", LeadQuerySet.with_failed_sms, "has:error_sms_messages"),
        "last_failed": (
            "Last text failed",
            LeadQuerySet.with_last_sms_failed,
            "latest_sms_status:error",
        ),
        "none": ("No texts yet", LeadQuerySet.without_sms, "not has:sms"),
    }

    texts = django_filters.ChoiceFilter(
        label="SMS activity",
        choices=[(key, label) for key, (label, *_) in TEXTS.items()],
        method="filter_texts",
        empty_label="Any activity",
    )
    status = django_filters.ModelChoiceFilter(queryset=statuses, empty_label="Any status")
    owner = django_filters.ModelChoiceFilter(
        queryset=colleagues, empty_label="Anyone", null_label="Unassigned", null_value=NOBODY
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def filter_texts(self, leads: LeadQuerySet, _name: str, value: str) -> LeadQuerySet:
        return self.TEXTS[value][1](leads)

    def as_query(self) -> str:
        """Return the chosen filters as a search."""
        chosen = self.form.cleaned_data
        words = [self.TEXTS[chosen["texts"]][2]] if chosen["texts"] else []
        if chosen["status"]:
            words.append(f"status:{quoted(chosen['status'].label)}")
        if chosen["owner"] == NOBODY:
            words.append("owner:none")
        elif chosen["owner"]:
            words.append(f"owner:{quoted(chosen['owner'].username)}")
        return " ".join(words)

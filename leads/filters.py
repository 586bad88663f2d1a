import django_filters
from django.db.models import QuerySet

from leads.models import Lead, LeadQuerySet, LeadStatus
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User


def statuses(request: MemberRequest) -> QuerySet[LeadStatus]:
    return LeadStatus.objects.visible_to(request.user)


def colleagues(request: MemberRequest) -> QuerySet[User]:
    return request.user.colleagues()


class LeadFilter(django_filters.FilterSet):  # type: ignore[misc]  # has no type hints
    TEXTS = {
        "failed": ("Have a failed text", LeadQuerySet.with_failed_sms),
        "last_failed": ("Last text failed", LeadQuerySet.with_last_sms_failed),
        "none": ("No texts yet", LeadQuerySet.without_sms),
    }

    name = django_filters.CharFilter(lookup_expr="icontains", label="Name")
    texts = django_filters.ChoiceFilter(
        label="Texts",
        choices=[(key, label) for key, (label, _) in TEXTS.items()],
        method="filter_texts",
        empty_label="All",
    )
    status = django_filters.ModelChoiceFilter(queryset=statuses, empty_label="All")
    owner = django_filters.ModelChoiceFilter(
        queryset=colleagues, empty_label="Everybody", null_label="Nobody"
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def filter_texts(self, leads: LeadQuerySet, _name: str, value: str) -> LeadQuerySet:
        _, narrow = self.TEXTS[value]
        return narrow(leads)

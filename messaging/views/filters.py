from collections.abc import Sequence

import django_filters
from django.db.models import QuerySet

from leads.filters import people
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from search.answering.filters import ListFilter, Person
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User


def colleagues(request: MemberRequest) -> QuerySet[User]:
    return request.user.colleagues()


class MessageFilter(ListFilter):
    status = django_filters.ChoiceFilter(
        choices=SmsMessage.Status.choices, empty_label="Any status"
    )
    direction = django_filters.ChoiceFilter(
        choices=SmsMessage.Direction.choices, empty_label="Any direction"
    )
    reason = django_filters.ChoiceFilter(
        label="Failure reason", choices=Reason.choices, empty_label="Any reason"
    )
    user = django_filters.ModelChoiceFilter(
        label="Sent by", queryset=colleagues, empty_label="Anyone"
    )

    class Meta:
        model = SmsMessage
        fields: list[str] = []

    def rows(self, _name: str) -> Sequence[Person]:
        return people(self.request)

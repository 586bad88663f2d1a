"""The period and the filters of the page, which its URL has."""

from typing import Any

from django import forms
from django.utils import timezone

from messaging import carriers
from messaging.deliverability import periods
from messaging.deliverability.counting import Filters
from messaging.models import SenderNumber
from smscenter.accounts.models import Organization, User
from smscenter.accounts.widgets import LongSelect

SEES_ALL = "messaging.see_deliverability"


class FilterForm(forms.Form):
    period = forms.ChoiceField(
        choices=[*periods.PRESETS.items(), ("dates", "Dates…")], required=False
    )
    compare = forms.ChoiceField(
        label="Compare with", choices=periods.COMPARISONS.items(), required=False
    )
    sender = forms.ModelChoiceField(
        SenderNumber.objects.none(),
        label="Sender number",
        empty_label="All",
        required=False,
        widget=LongSelect,
    )
    carrier = forms.ChoiceField(required=False)
    user = forms.ModelChoiceField(
        User.objects.none(),
        label="Sent by",
        empty_label="Anyone",
        required=False,
        widget=LongSelect,
    )

    def __init__(self, data: Any, organization: Organization, user: User) -> None:
        super().__init__(data)
        senders = SenderNumber.objects.visible_to(user).order_by("label", "phone")
        self.organization, self.asker = organization, user
        self.fields["sender"].queryset = senders  # type: ignore[attr-defined]
        listed = list(senders.only("label", "phone", "country", "carrier"))
        choices = [("", "All"), *((row.pk, str(row)) for row in listed)]
        self.fields["sender"].choices = choices  # type: ignore[attr-defined]
        named = [(key, carriers.label(key)) for key in sorted({row.carrier for row in listed})]
        self.fields["carrier"].choices = [("", "All"), *named]  # type: ignore[attr-defined]
        colleagues = user.colleagues().only("first_name", "last_name", "username")
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]
        if not user.has_perm(SEES_ALL):
            del self.fields["user"]
        today = timezone.localdate(timezone=organization.zone)
        self.chosen_period = periods.read(data, today)
        self.full_clean()
        # What can't be read, such as a number that's gone, filters nothing.
        self.cleaned_data = getattr(self, "cleaned_data", {})
        shown = self.chosen_period.preset or "dates"
        self.data = {**{key: data.get(key, "") for key in data}, "period": shown}

    @property
    def filters(self) -> Filters:
        """Return the filters. Who doesn't see the others' texts sees their own."""
        chosen = self.cleaned_data
        user = chosen.get("user") if "user" in self.fields else self.asker
        return Filters(chosen.get("sender"), chosen.get("carrier") or "", user)

    @property
    def comparison(self) -> str:
        return str(self.cleaned_data.get("compare") or "")

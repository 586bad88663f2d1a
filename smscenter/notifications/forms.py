from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField

from smscenter.accounts.models import User
from smscenter.notifications.kinds import Kind, MailChoice, kinds_for
from smscenter.notifications.models import Preference

HEADS = {"in_app": "In the app", "mail": "Email", "desktop": "Desktop"}


class PreferencesForm(forms.Form):
    """For each kind that concerns a person: in the app, by email, and on the desktop."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        self.kinds = [kind for kind in kinds_for(user) if not kind.settings_of]
        chosen = Preference.objects.by_kind(user)
        for kind in self.kinds:
            self._add_fields(kind, chosen[kind.name])

    def _add_fields(self, kind: Kind, preference: Preference) -> None:
        label = kind.label
        self.fields[f"{kind.name}-in_app"] = forms.BooleanField(
            required=False, label=f"{label}: in the app", initial=preference.in_app
        )
        self.fields[f"{kind.name}-mail"] = forms.ChoiceField(
            label=f"{label}: email", choices=MailChoice.choices, initial=preference.mail
        )
        self.fields[f"{kind.name}-desktop"] = forms.BooleanField(
            required=False, label=f"{label}: on the desktop", initial=preference.desktop
        )

    def rows(self) -> Iterator[tuple[Kind, list[tuple[BoundField, str]]]]:
        """Return each kind with its fields, and the heads of their columns."""
        for kind in self.kinds:
            yield kind, [(self[f"{kind.name}-{name}"], head) for name, head in HEADS.items()]

    def save(self) -> None:
        rows = [
            Preference(
                user=self.user,
                kind=kind.name,
                in_app=self.cleaned_data[f"{kind.name}-in_app"],
                mail=self.cleaned_data[f"{kind.name}-mail"],
                desktop=self.cleaned_data[f"{kind.name}-desktop"],
            )
            for kind in self.kinds
        ]
        Preference.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["user", "kind"],
            update_fields=["in_app", "mail", "desktop"],
        )

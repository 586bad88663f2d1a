"""Profiles, and forms that create one row, however often a browser posts them."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict

from smscenter.accounts.models import MadeByForm, User
from smscenter.accounts.time_zones import time_zones
from smscenter.accounts.widgets import LongSelect

Row = TypeVar("Row", bound=MadeByForm)


class ProfileForm(forms.ModelForm[User]):
    """What people may change about themselves. Administrators change the rest."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "time_zone", "theme"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization = self.instance.organization
        default = (
            f"{organization}'s time zone ({organization.time_zone})" if organization else "UTC"
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[("", default), *time_zones()],
            widget=LongSelect,
            required=False,
            help_text="Times are shown in this zone.",
        )


class FormTokenField(forms.UUIDField):
    """A token that identifies one form on one page. Invalid tokens are ignored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, **options)

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None


class OnceForm(forms.ModelForm[Row]):
    """A form for a new row that carries a token. Forms that edit a row carry none."""

    form_token: forms.UUIDField = FormTokenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["form_token"]
        else:
            self.initial["form_token"] = uuid4()

    @property
    def key(self) -> UUID | None:
        """Return a key for what was typed.

        It's the same for a second click, but not if someone goes back and types something else.
        """
        token: UUID | None = self.cleaned_data.get("form_token")
        return uuid5(token, _typed(self.data)) if token else None

    def save_once(self, save: Callable[[], Row] | None = None) -> Row:
        """Save the form, or return the row that it created before.

        `save` saves the row together with whatever belongs to it, and returns it.
        """
        self.instance.form_token = key = self.key or self.instance.form_token
        try:
            with transaction.atomic():
                return (save or self.save)()
        except IntegrityError:
            rows = type(self.instance)._default_manager.filter(form_token=key)
            earlier = rows.filter(organization=self.instance.organization_id).first()
            if key is None or earlier is None:
                raise
            return earlier


def _typed(data: Any) -> str:
    assert isinstance(data, QueryDict)  # noqa: S101 - for the type checker
    lists = sorted(data.lists())
    return repr([field for field in lists if field[0] not in {"form_token", "csrfmiddlewaretoken"}])

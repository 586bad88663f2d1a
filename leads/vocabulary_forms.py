"""Forms for lead statuses and custom fields."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from leads.changing import removing
from leads.models import CustomField, LeadStatus
from leads.models.vocabulary import Vocabulary

# Every form of a lead shows all of them.
MOST = 100
REMOVED = "This was removed. Restore it below the list, or choose another name."


def refuse_taken(row: Vocabulary, same: QuerySet[Any]) -> None:
    """Raise ValidationError if one of these others has the name that the row is to get."""
    others = same.filter(organization=row.organization_id).exclude(pk=row.pk)
    if other := others.first():
        raise ValidationError(REMOVED if other.removed else f"You already have “{other}”.")


def refuse_too_many(row: Vocabulary, rows: Iterable[Vocabulary], nouns: str) -> None:
    if row._state.adding and len(list(rows)) >= MOST:
        raise ValidationError(f"You have {MOST} {nouns}. Remove one to add another.")


class LeadStatusForm(forms.ModelForm[LeadStatus]):
    class Meta:
        model = LeadStatus
        fields = ["label", "color"]
        labels = {"label": "Name"}
        widgets = {"color": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        refuse_taken(self.instance, LeadStatus.objects.filter(label__iexact=label))
        return label

    def clean(self) -> dict[str, Any]:
        rows = LeadStatus.objects.visible_in(self.instance.organization_id)
        refuse_too_many(self.instance, rows, "statuses")
        return super().clean() or self.cleaned_data

    def save(self, commit: bool = True) -> LeadStatus:
        if self.instance._state.adding:
            self.instance.put_last()
        return super().save(commit)


class CustomFieldForm(forms.ModelForm[CustomField]):
    """Values of one kind aren't values of another, so a field that has some keeps its kind."""

    choices = forms.CharField(
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One per line. Leads keep a value that you remove here.",
    )

    class Meta:
        model = CustomField
        fields = ["name", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.former_name = self.instance.name
        self.initial["choices"] = "\n".join(map(str, self.instance.choices))
        if self.instance.pk and removing.is_used(self.instance):
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = "Can't be changed, because leads have values."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = CustomField.objects.filter(Q(name__iexact=name) | Q(own_key__iexact=name))
        refuse_taken(self.instance, same)
        return name

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        lines = [line.strip() for line in data.get("choices", "").splitlines()]
        is_choice = data.get("kind") == CustomField.Kind.CHOICE
        self.instance.choices = list(dict.fromkeys(filter(None, lines))) if is_choice else []
        if is_choice and not self.instance.choices:
            self.add_error("choices", "Add at least one choice.")
        rows = CustomField.objects.visible_in(self.instance.organization_id)
        refuse_too_many(self.instance, rows, "fields")
        return data

    def save(self, commit: bool = True) -> CustomField:
        field, name = self.instance, self.instance.name
        if field._state.adding:
            field.put_last()
        elif name != self.former_name:
            field.name = self.former_name
            field.rename(name)
        return super().save(commit)


class RemoveStatusForm(forms.Form):
    """What to do with the leads that have the status."""

    replacement = forms.ModelChoiceField(LeadStatus.objects.none(), empty_label=None)

    def __init__(self, *args: Any, status: LeadStatus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = LeadStatus.objects.visible_in(status.organization_id).exclude(pk=status.pk)
        self.fields["replacement"] = forms.ModelChoiceField(
            others, label="Change its leads to", empty_label=None
        )

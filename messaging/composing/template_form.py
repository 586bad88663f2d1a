"""The form of a template, and a preview with a sample contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from leads.models import Contact, CustomField, Lead
from messaging.composing import segments, templates
from messaging.composing.composer import LONGEST_TEXT
from messaging.composing.templates import TemplateError, Writing
from messaging.models import MessageTemplate
from smscenter.accounts.models import User

# The composer loads all of them.
MOST_TEMPLATES = 200


class MessageTemplateForm(forms.ModelForm[MessageTemplate]):
    text = forms.CharField(
        strip=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    shared = forms.BooleanField(label="Share with your organization", required=False, initial=True)

    class Meta:
        model = MessageTemplate
        fields = ["name", "text"]

    def __init__(
        self, *args: Any, user: User, custom_fields: Sequence[CustomField], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.custom_fields = custom_fields
        if self.instance.pk or not user.has_perm("messaging.change_shared_templates"):
            del self.fields["shared"]

    def clean_text(self) -> str:
        """Return the text with the line breaks that are sent. Refuse unknown placeholders."""
        text = segments.normalize(self.cleaned_data["text"])
        if not text.strip():
            raise ValidationError("Write a text.")
        try:
            templates.check(text, self.custom_fields)
        except TemplateError as error:
            raise ValidationError(str(error)) from error
        return text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and not data.get("shared"):
            self.instance.owner = self.user
        others = MessageTemplate.objects.beside(self.instance).exclude(pk=self.instance.pk)
        if same := others.filter(name__iexact=data.get("name", "")).first():
            self.add_error("name", _taken(same))
        in_use = others.filter(archived=None)
        if not self.instance.pk and in_use.count() >= MOST_TEMPLATES:
            raise ValidationError(
                f"There are {MOST_TEMPLATES} templates. Archive one to add another."
            )
        return data

    def save(self, commit: bool = True) -> MessageTemplate:
        if not self.instance.pk:
            self.instance.put_last()
        return super().save(commit)


def _taken(other: MessageTemplate) -> str:
    if other.archived:
        return "An archived template has this name. Restore it, or choose another name."
    return "There's already a template with this name."


@dataclass(frozen=True)
class Preview:
    """The text that someone gets, or why it can't be sent. `length` has its segments."""

    text: str = ""
    problem: str = ""
    length: segments.Count | None = None


@dataclass(frozen=True)
class Previews:
    """A template for a sample contact, and for one of whom nothing is known."""

    filled: Preview
    empty: Preview


def previews(text: str, user: User, custom_fields: Sequence[CustomField]) -> Previews | None:
    """Return the previews of a template's text, or None if there's none."""
    if not text.strip() or user.organization is None:
        return None
    lead = Lead(organization=user.organization, name="Bluebird Bakery")
    nobody = Writing(lead, user, Contact(name=""))
    sample = Lead(
        organization=user.organization,
        name="Bluebird Bakery",
        custom={field.key: _sample_value(field, user) for field in custom_fields},
    )
    ada = Writing(sample, user, Contact(name="Ada Sorensen"))
    return Previews(_preview(text, ada, custom_fields), _preview(text, nobody, custom_fields))


def _preview(text: str, writing: Writing, custom_fields: Sequence[CustomField]) -> Preview:
    try:
        shown = templates.fill_in(segments.normalize(text), writing, custom_fields)
    except TemplateError as error:
        return Preview(problem=str(error))
    return Preview(text=shown, length=segments.count(shown))


def _sample_value(field: CustomField, user: User) -> Any:
    """Return a value of this field as a lead stores it."""
    samples = {
        CustomField.Kind.NUMBER: 25,
        CustomField.Kind.DATE: date(2030, 1, 15).isoformat(),
        CustomField.Kind.CHOICE: next(iter(field.choices), ""),
        CustomField.Kind.USER: user.pk,
    }
    return samples.get(CustomField.Kind(field.kind), field.name)

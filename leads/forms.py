"""Forms of leads, contacts and notes. Choices are only ever the organization's own."""

from datetime import date
from typing import Any, cast

from django import forms

from leads.models import Contact, ContactEmail, ContactPhone, CustomField, Lead, LeadStatus, Note
from leads.phones import PhoneNumberError, parse
from smscenter.accounts.models import User


class LeadForm(forms.ModelForm[Lead]):
    status = forms.ModelChoiceField(LeadStatus.objects.none(), empty_label=None)
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")

    class Meta:
        model = Lead
        fields = ["name", "status", "owner", "url", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "lead_%s"
        cast(
            "forms.ModelChoiceField[LeadStatus]", self.fields["status"]
        ).queryset = LeadStatus.objects.visible_to(user)
        cast("forms.ModelChoiceField[User]", self.fields["owner"]).queryset = user.colleagues()
        self.custom_fields = {
            f"custom_{custom.pk}": custom for custom in CustomField.objects.visible_to(user)
        }
        for name, custom in self.custom_fields.items():
            self.fields[name] = custom_field(custom, user)
            self.initial[name] = self.instance.custom.get(custom.name)

    def save(self, commit: bool = True) -> Lead:
        custom = dict(self.instance.custom)
        for name, field in self.custom_fields.items():
            value = self.cleaned_data[name]
            if value in (None, ""):
                custom.pop(field.name, None)
            else:
                custom[field.name] = value.isoformat() if isinstance(value, date) else value
        self.instance.custom = custom
        return super().save(commit)


def custom_field(custom: CustomField, user: User) -> forms.Field:
    """The form field of a custom field; its value is what JSON keeps, but for dates."""
    options: dict[str, Any] = {"label": custom.name, "required": False}
    match CustomField.Kind(custom.kind):
        case CustomField.Kind.NUMBER:
            return forms.FloatField(**options)
        case CustomField.Kind.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(**options, widget=widget)
        case CustomField.Kind.CHOICE:
            choices = [("", "—"), *((choice, choice) for choice in custom.choices)]
            return forms.ChoiceField(**options, choices=choices)
        case CustomField.Kind.USER:
            people = [("", "—"), *((person.pk, str(person)) for person in user.colleagues())]
            return forms.TypedChoiceField(**options, choices=people, coerce=int, empty_value=None)
        case CustomField.Kind.TEXT:
            return forms.CharField(**options)


class ContactForm(forms.ModelForm[Contact]):
    class Meta:
        model = Contact
        fields = ["name", "title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "contact_%s"


class ContactPhoneForm(forms.ModelForm[ContactPhone]):
    phone = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    class Meta:
        model = ContactPhone
        fields = ["phone", "label"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.phone:
            self.initial["phone"] = self.instance.number.formatted

    def clean_phone(self) -> str:
        try:
            number = parse(self.cleaned_data["phone"])
        except PhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error
        self.instance.extension = number.extension
        return number.e164


class OwnedFormSet(forms.BaseInlineFormSet[Any, Contact, Any]):
    """Rows of a contact belong to the organization of the contact."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.instance.organization_id = self.instance.organization_id


# One empty row to fill in, which there is nothing to delete of.
ONE_MORE: dict[str, Any] = {"extra": 1, "max_num": 20, "can_delete_extra": False}


class PhoneFormSet(OwnedFormSet):
    def clean(self) -> None:
        """One number is there once; its extension is no field that Django would compare."""
        super().clean()
        kept = [
            (form.cleaned_data["phone"], form.instance.extension)
            for form in self.forms
            if form.cleaned_data.get("phone") and not form.cleaned_data.get("DELETE")
        ]
        if len(set(kept)) < len(kept):
            raise forms.ValidationError("The same number is there twice.")


ContactPhoneFormSet = forms.inlineformset_factory(
    Contact, ContactPhone, form=ContactPhoneForm, formset=PhoneFormSet, **ONE_MORE
)
ContactEmailFormSet = forms.inlineformset_factory(
    Contact, ContactEmail, fields=["email"], formset=OwnedFormSet, **ONE_MORE
)


class NoteForm(forms.ModelForm[Note]):
    class Meta:
        model = Note
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        labels = {"text": "Note"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page has other forms, and other notes, with a field of this name.
        super().__init__(*args, **kwargs)
        self.auto_id = f"note_{self.instance.pk or 'new'}_%s"

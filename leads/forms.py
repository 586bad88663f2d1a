"""Forms for leads, contacts, and notes, with choices from the user's organization only."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.db.models import Model, QuerySet

from leads.models import (
    Address,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    Lead,
    LeadChange,
    LeadStatus,
    Note,
)
from leads.phones import Phone, PhoneNumberError, parse
from smscenter.accounts.forms import OnceForm
from smscenter.accounts.models import User
from smscenter.accounts.widgets import WebAddressInput

# Everybody who opens the lead loads it, and PostgreSQL can't index much longer ones. No attribute
# of the fields, for browsers would cut off what's pasted.
LONGEST_TEXT = MaxLengthValidator(50_000)
LONGEST_VALUE = MaxLengthValidator(10_000)


class LeadForm(OnceForm[Lead]):
    status = forms.ModelChoiceField(LeadStatus.objects.none(), empty_label=None)
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Unassigned")

    class Meta:
        model = Lead
        fields = ["name", "status", "owner", "url", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3}), "url": WebAddressInput}

    def __init__(self, *args: Any, user: User, only: str = "", **kwargs: Any) -> None:
        """Edit all fields, or `only` the one with this name."""
        super().__init__(*args, **kwargs)
        self.auto_id = "lead_%s"
        self.fields["description"].validators.append(LONGEST_TEXT)
        self.user = user
        lead = self.instance
        self.before = {"owner": lead.owner, "status": lead.status} if lead.pk else {}
        cast(
            "forms.ModelChoiceField[LeadStatus]", self.fields["status"]
        ).queryset = LeadStatus.objects.visible_to(user)
        cast("forms.ModelChoiceField[User]", self.fields["owner"]).queryset = user.colleagues()
        self.custom_fields = {
            f"custom_{custom.pk}": custom for custom in CustomField.objects.visible_to(user)
        }
        for name, custom in self.custom_fields.items():
            self.fields[name] = custom_field(custom, user)
            self.initial[name] = self.instance.custom.get(custom.key)
        if only in self.fields:
            self.fields = {only: self.fields[only]}

    @transaction.atomic
    def save(self, commit: bool = True) -> Lead:
        custom = dict(self.instance.custom)
        for name, field in self.custom_fields.items():
            if name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            if value in (None, ""):
                custom.pop(field.key, None)
            else:
                custom[field.key] = value.isoformat() if isinstance(value, date) else value
        self.instance.custom = custom
        lead = super().save(commit)
        LeadChange.objects.record(lead, self.before, self.user)
        return lead


class NewLeadForm(LeadForm):
    """A lead with its first contact. What most people leave empty comes last."""

    contact_name = forms.CharField(
        label="Contact", max_length=160, required=False, help_text="Leave empty to use the name."
    )
    phone = forms.CharField(
        label="Phone number",
        max_length=40,
        required=False,
        help_text="Any format works.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label="Email address", required=False)

    SHORT = ("name", "contact_name", "phone", "email", "status", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True

    @property
    def short_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SHORT]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.SHORT]

    @property
    def has_more_errors(self) -> bool:
        return any(field.errors for field in self.more_fields)

    @property
    def was_created(self) -> bool:
        """Return whether this is a second click, so that the lead isn't its own duplicate."""
        rows = Lead.objects.filter(organization=self.instance.organization, form_token=self.key)
        return self.key is not None and rows.exists()

    def clean_phone(self) -> Phone | None:
        try:
            return parse(self.cleaned_data["phone"]) if self.cleaned_data["phone"] else None
        except PhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error

    def save_with_contact(self) -> Lead:
        lead, data = self.save(), self.cleaned_data
        own = {"organization": lead.organization}
        if not (data["contact_name"] or data["phone"] or data["email"]):
            return lead
        name = data["contact_name"] or lead.name[:160]
        contact = Contact.objects.create(**own, lead=lead, name=name)
        if number := data["phone"]:
            ContactPhone.objects.create(
                **own, contact=contact, phone=number.e164, extension=number.extension
            )
        if data["email"]:
            ContactEmail.objects.create(**own, contact=contact, email=data["email"])
        return lead


def custom_field(custom: CustomField, user: User) -> forms.Field:
    """Return the form field for a custom field. Its value is stored as JSON, except for dates."""
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
            return forms.CharField(**options, validators=[LONGEST_VALUE])


class ContactForm(OnceForm[Contact]):
    class Meta:
        model = Contact
        fields = ["name", "title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "contact_%s"


class AddressForm(forms.ModelForm[Address]):
    class Meta:
        model = Address
        fields = ["street", "city", "state", "postal_code", "country"]
        labels = {"postal_code": "ZIP or postal code"}
        help_texts = {"country": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"address_{self.instance.pk or 'new'}_%s"

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].upper()
        if len(country) != 2 or not country.isalpha():
            raise forms.ValidationError("Enter a two-letter country code, such as US.")
        return country

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("street", "city", "state", "postal_code")):
            raise forms.ValidationError("Enter a street, city, state, or ZIP code.")
        return data


class PartForm(forms.ModelForm[Any]):
    def validate_constraints(self) -> None:
        """Leave duplicates to the formset."""


class ContactEmailForm(PartForm):
    class Meta:
        model = ContactEmail
        fields = ["email"]


class ContactPhoneForm(PartForm):
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


class PartFormSet(forms.BaseInlineFormSet[Any, Contact, Any]):
    """A contact's phone numbers or email addresses, without duplicates."""

    # The fields that make two rows duplicates.
    key: tuple[str, ...] = ()
    same = ""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.instance.organization_id = self.instance.organization_id

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if _is_kept(form)]
        keys = [self._key_of(form.instance) for form in kept]
        changed = {self._key_of(form.instance) for form in kept if form.instance.pk}
        if len(set(keys)) < len(keys) or changed & self._others():
            raise forms.ValidationError(self.same)

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Return the existing row if the same form was posted before."""
        fields = {name: getattr(form.instance, name) for name in self.key}
        return self._there().filter(**fields).first() or super().save_new(form, commit)

    def _there(self) -> QuerySet[Any]:
        return cast("type[Model]", self.model)._default_manager.filter(contact=self.instance)

    def _key_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in self.key)

    def _others(self) -> set[tuple[Any, ...]]:
        """Return the keys of rows added after the page was rendered."""
        if not self.instance.pk:
            return set()
        shown = [form.instance.pk for form in self.initial_forms]
        return {self._key_of(row) for row in self._there().exclude(pk__in=shown)}


def _is_kept(form: Any) -> bool:
    cleaned: dict[str, Any] = getattr(form, "cleaned_data", {})
    return bool(cleaned) and not form.errors and not cleaned.get("DELETE")


class PhoneFormSet(PartFormSet):
    key = ("phone", "extension")
    same = "This number is listed twice."


class EmailFormSet(PartFormSet):
    key = ("email",)
    same = "This email address is listed twice."


# One empty row, without a delete checkbox.
ONE_MORE: dict[str, Any] = {"extra": 1, "max_num": 20, "can_delete_extra": False}


ContactPhoneFormSet = forms.inlineformset_factory(
    Contact, ContactPhone, form=ContactPhoneForm, formset=PhoneFormSet, **ONE_MORE
)
ContactEmailFormSet = forms.inlineformset_factory(
    Contact, ContactEmail, form=ContactEmailForm, formset=EmailFormSet, **ONE_MORE
)


class NoteForm(OnceForm[Note]):
    class Meta:
        model = Note
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        labels = {"text": "Note"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page has other forms with a field of this name.
        super().__init__(*args, **kwargs)
        self.auto_id = f"note_{self.instance.pk or 'new'}_%s"
        self.fields["text"].validators.append(LONGEST_TEXT)
        if not self.instance.pk:
            self.fields["text"].widget.attrs["data-draft"] = True

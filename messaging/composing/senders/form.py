"""The form of a sender number, in the settings and in the admin."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from leads import phones
from messaging import carriers
from messaging.models import SenderNumber, sender_id
from messaging.models.sender_id import SenderKind
from smscenter.accounts.models import User

# The sections of the form.
NUMBER = ("phone", "label", "owner", "carrier", "account")
MORE = ("rate", "daily_cap", "messaging_service", "country")
REGISTRATION = (
    "registration",
    "registered",
    "brand_id",
    "brand_status",
    "campaign_id",
    "campaign_status",
    "verification_id",
    "verification_status",
    "registration_note",
)


class SenderForm(forms.ModelForm[SenderNumber]):
    """Offer the carriers and accounts in use, and refuse what they don't send from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The number may be at a carrier that this installation no longer uses.
        current = self.instance.carrier
        offered = dict([*carriers.choices(), *([(current, current)] if current else [])])
        self.fields["carrier"] = forms.ChoiceField(choices=list(offered.items()))
        names = sorted({*carriers.account_names(), self.instance.account} - {""})
        self.fields["account"] = forms.ChoiceField(
            choices=[("", "Default"), *[(name, name) for name in names]],
            required=False,
            help_text="The carrier's account that the number belongs to.",
        )

    def clean_phone(self) -> str:
        try:
            return sender_id.normalize(self.cleaned_data["phone"])
        except phones.PhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        carrier, account = values.get("carrier"), values.get("account")
        is_changed = {"carrier", "account"} & {*self.changed_data}
        if is_changed and carrier and account and not carriers.is_configured(carrier, account):
            message = f"{carriers.label(carrier)} has no account named {account}."
            self.add_error("account", message)
        phone = values.get("phone") or self.instance.phone
        is_name = bool(phone) and sender_id.kind_of(phone) == SenderKind.NAME
        if is_name and carrier and not carriers.takes_names(carrier):
            message = f"{carriers.label(carrier)} doesn't send texts from a name."
            self.add_error("carrier", message)
        return values


class MemberSenderForm(SenderForm):
    """What managers set up. A number never changes: old texts belong to it."""

    phone = forms.CharField(
        label="Number",
        max_length=40,
        help_text="A phone number in any format, a short code, or a name.",
    )

    class Meta:
        model = SenderNumber
        fields = [*NUMBER, *MORE, *REGISTRATION]
        labels = {
            "phone": "Number",
            "country": "Country of a short code",
            "label": "Name",
            "owner": "Used by",
            "rate": "Texts per second",
            "daily_cap": "Texts per day",
            "registered": "Registered with carriers",
            "brand_id": "10DLC brand ID",
            "brand_status": "10DLC brand",
            "campaign_id": "10DLC campaign ID",
            "campaign_status": "10DLC campaign",
            "verification_id": "Verification ID",
            "verification_status": "Verification",
            "registration_note": "Note",
        }
        help_texts = {
            "label": "For example Front desk.",
            "owner": "",
            "rate": "The limit that the carrier gave this number.",
        }
        error_messages = {NON_FIELD_ERRORS: {"unique_together": "This number is already set up."}}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "sender_%s"
        self.fields["owner"] = forms.ModelChoiceField(
            user.colleagues(), label="Used by", required=False, empty_label="Everyone"
        )
        if not carriers.account_names() and not self.instance.account:
            del self.fields["account"]
        if self.instance.pk:
            self.fields["phone"].disabled = True
            self.fields["phone"].help_text = "To use another number, add it."
        elif len(carriers.choices()) == 1:
            self.initial["carrier"] = carriers.choices()[0][0]

    def clean_phone(self) -> str:
        return self.instance.phone if self.instance.pk else super().clean_phone()

    def section(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return self.section(NUMBER)

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return self.section(MORE)

    @property
    def has_more_errors(self) -> bool:
        return any(field.errors for field in self.more_fields)

    @property
    def registration_fields(self) -> list[forms.BoundField]:
        return self.section(REGISTRATION)

    @property
    def has_registration_errors(self) -> bool:
        return any(field.errors for field in self.registration_fields)

    def save(self, commit: bool = True) -> SenderNumber:
        if "daily_cap" in self.changed_data:
            # It may be waiting for the next day under the old limit.
            self.instance.next_send_at = None
        return super().save(commit)

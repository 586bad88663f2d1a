"""The form with which people record consent beside a contact's number."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from messaging.models import Consent
from smscenter.accounts.forms import OnceForm
from smscenter.accounts.models import Organization, User
from smscenter.accounts.widgets import WebAddressInput

METHODS = [
    "Web form",
    "Paper form",
    "Phone call",
    "In person",
    "Text message",
    "Email",
    "Other",
]


class ConsentForm(OnceForm[Consent]):
    method = forms.ChoiceField(label="How", choices=[(method, method) for method in METHODS])
    given = forms.DateTimeField(
        label="Agreed on",
        help_text="In your time zone.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    wording = forms.CharField(
        label="What they agreed to, word for word",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    field_order = ["method", "given", "wording", "version", "place", "page"]

    class Meta:
        model = Consent
        fields = ["version", "place", "page"]
        widgets = {"page": WebAddressInput}
        labels = {"version": "Version of the wording", "page": "Web page"}
        help_texts = {"version": "Optional, if you have several.", "page": "Optional."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.auto_id = "consent_%s"
        self.initial["given"] = timezone.localtime()

    def clean_given(self) -> datetime:
        given: datetime = self.cleaned_data["given"]
        if given > timezone.now():
            raise ValidationError("This is in the future.")
        return given

    def record(self, organization: Organization, phone: str, user: User) -> Consent:
        """Record the consent, once. Only a manager's record ends the person's opt-outs."""
        self.instance.organization = organization
        return self.save_once(
            lambda: Consent.objects.record(
                organization,
                phone,
                recorded_by=user,
                corrects=True,
                ends_opt_outs=user.has_perm("messaging.end_opt_outs"),
                form_token=self.instance.form_token,
                **{name: self.cleaned_data[name] for name in self.field_order},
            )
        )

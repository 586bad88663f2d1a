"""The form of an organization's rules for texting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from leads import phones
from messaging.composing import segments
from messaging.incoming.keywords import KEYWORDS, Keyword
from messaging.models.reason import Reason
from messaging.outgoing.automatic import HELP_REPLY, OPT_OUT_REPLY
from smscenter.accounts.models import Organization, default_regions

Choices = list[tuple[str, str]]
HOURS = {
    Organization.QuietHours.WARN: "Warn, and let people decide",
    Organization.QuietHours.HOLD: "Hold the text until 8 AM",
    Organization.QuietHours.REFUSE: "Don't send the text",
}


class TextingForm(forms.ModelForm[Organization]):
    """Countries by name: those in use are checkboxes, and `another` adds one."""

    regions = forms.MultipleChoiceField(
        label="Countries you can text",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Texts to other countries are refused before they cost anything.",
    )
    another = forms.ChoiceField(label="Add a country", required=False)
    quiet_hours = forms.ChoiceField(
        label=Reason.QUIET_HOURS.label,
        choices=HOURS.items(),
        widget=forms.RadioSelect,
        help_text="Before 8 AM and after 9 PM where the recipient is.",
    )
    help_reply = forms.CharField(
        label="Reply to HELP",
        max_length=320,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leave empty for the standard text below.",
    )
    opt_out_reply = forms.CharField(
        label="Reply to STOP",
        max_length=320,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Sent if the carrier doesn't confirm opt-outs itself.",
    )

    class Meta:
        model = Organization
        fields = [
            "regions",
            "another",
            "quiet_hours",
            "unknown_senders_become_leads",
            "help_reply",
            "opt_out_reply",
        ]
        labels = {"unknown_senders_become_leads": "Create a lead when an unknown number texts you"}
        help_texts = {"unknown_senders_become_leads": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        used = dict.fromkeys([*default_regions(), *self.instance.regions])
        self.fields["regions"] = _with_choices(self.fields["regions"], _named(used))
        others = [each for each in _named(phonenumbers.SUPPORTED_REGIONS) if each[0] not in used]
        choices = [("", "Choose a country"), *sorted(others, key=lambda each: each[1])]
        self.fields["another"] = _with_choices(self.fields["another"], choices)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        added = [data["another"]] if data.get("another") else []
        data["regions"] = list(dict.fromkeys([*data.get("regions", []), *added]))
        if not data["regions"]:
            self.add_error("regions", "Choose at least one country.")
        return data

    def clean_help_reply(self) -> str:
        """Refuse a text without a way out, which carriers require."""
        text: str = segments.normalize(self.cleaned_data["help_reply"])
        words = {word for word, keyword in KEYWORDS.items() if keyword == Keyword.STOP}
        if text.strip() and not words & {*text.upper().replace(".", " ").split()}:
            raise ValidationError("Carriers require that it says how to opt out: Reply STOP.")
        return text


def _with_choices(field: forms.Field, choices: Choices) -> forms.Field:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
    field.choices = choices
    return field


def _named(regions: Any) -> Choices:
    return [(region, phones.country_name(region)) for region in regions]


@dataclass(frozen=True)
class ReplyPreview:
    keyword: str
    text: str
    length: segments.Count


def reply_previews(organization: Organization, help_reply: str, opt_out_reply: str) -> Any:
    """Yield what people get when they text HELP and STOP."""
    return list(_previews(organization.name, help_reply, opt_out_reply))


def _previews(name: str, help_reply: str, opt_out_reply: str) -> Iterator[ReplyPreview]:
    for keyword, own, standard in (
        ("HELP", help_reply, HELP_REPLY),
        ("STOP", opt_out_reply, OPT_OUT_REPLY),
    ):
        text = segments.normalize(own).strip() or standard.format(name=name)
        yield ReplyPreview(keyword, text, segments.count(text))

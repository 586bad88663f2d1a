"""The form of a bulk send: the text, the sender number, and the pace."""

import uuid
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from leads.models import CustomField
from messaging.composing import preflight, segments, templates
from messaging.composing.composer import LONGEST_TEXT, RowChoiceField
from messaging.composing.senders import sender_facts
from messaging.composing.templates import TemplateError
from messaging.models import BulkSend, MessageTemplate, SenderNumber
from messaging.models.bulk import DEFAULT_PACE
from messaging.outgoing.bulk.selection import Selection
from smscenter.accounts.models import User

FASTEST = 6_000
LONGEST_QUERY = 2_000


class BulkForm(forms.Form):
    template = RowChoiceField(required=False, label="Template")
    text = forms.CharField(
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Placeholders like {{ contact.first_name|there }} are filled in for each lead.",
    )
    sender = RowChoiceField(label="From")
    pace = forms.IntegerField(
        label="Texts per minute",
        initial=DEFAULT_PACE,
        min_value=1,
        max_value=FASTEST,
        help_text="The sender number's own rate and limits apply, too.",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, user: User, kind: BulkSend.Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.kind = user, kind
        if kind == BulkSend.Kind.RESEND:
            for name in ("template", "text", "sender"):
                del self.fields[name]
            return
        known = sender_facts.facts_of(user.organization_id or 0)
        numbers = SenderNumber.objects.usable_by(user)
        self._rows("sender").offer(numbers, partial(sender_facts.label, known=known))
        rows = list(MessageTemplate.objects.usable_by(user))
        self._rows("template").offer(rows, empty="Choose…")
        if not rows:
            del self.fields["template"]

    def insert_template(self) -> None:
        """Replace the text by the chosen template, with its placeholders."""
        template = self._rows("template").rows.get(str(self.initial.get("template")))
        if template is not None:
            self.initial["text"] = template.text

    def _rows(self, name: str) -> RowChoiceField:
        return cast("RowChoiceField", self.fields[name])

    def clean_text(self) -> str:
        """Refuse unknown placeholders, and a text that's too long before they are filled in."""
        text: str = self.cleaned_data["text"]
        try:
            templates.check(text, CustomField.objects.visible_to(self.user))
        except TemplateError as error:
            raise ValidationError(str(error)) from error
        if segments.count(text).segments > preflight.MOST_SEGMENTS:
            raise ValidationError(f"The limit is {preflight.MOST_SEGMENTS} segments. Shorten it.")
        return text

    def save(self, chosen: Selection) -> BulkSend:
        """Freeze the selection. A form that's posted twice is one bulk send."""
        data, template = self.cleaned_data, self.cleaned_data.get("template")
        if template is not None and template.text != data["text"]:
            template = None
        fields = {
            "kind": self.kind,
            "created_by": self.user,
            "query": chosen.query[:LONGEST_QUERY],
            "selection": chosen.ids,
            "total": len(chosen.ids),
            "text": data.get("text", ""),
            "template": template,
            "sender": data.get("sender"),
            "pace": data["pace"],
        }
        with transaction.atomic():
            bulk, _ = BulkSend.objects.get_or_create(
                organization_id=self.user.organization_id or 0,
                form_token=data["form_token"],
                defaults=fields,
            )
        return bulk

"""The form that resends a failed text: to another number, in other words, or from another one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from leads import phones
from leads.phones import Phone, PhoneNumberError
from messaging.composing import preflight, quiet_hours
from messaging.composing.composer import LONGEST_TEXT, RowChoiceField
from messaging.composing.verdicts import Verdict
from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Step
from smscenter import moments


class CorrectionForm(forms.Form):
    phone = forms.CharField(
        label="New number",
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    updates_contact = forms.BooleanField(required=False, initial=True)
    sender = RowChoiceField(label="New sender number", required=False)
    text = forms.CharField(
        label="Text to resend",
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    again = forms.BooleanField(required=False, widget=forms.HiddenInput)
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self,
        data: Any,
        *,
        message: SmsMessage,
        senders: Iterable[SenderNumber],
        step: str = "",
    ) -> None:
        """Ask only for what this step changes, or for everything without a step.

        `senders` are the numbers that the user can send from. They are read only if needed.
        """
        super().__init__(data)
        self.auto_id = f"correct_{message.pk}_%s"
        self.message, self.number = message, message.number
        self.initial["text"] = message.text
        self._ask_number(step)
        if step in {"", Step.CHANGE_SENDER} or self.is_bound:
            self.senders.offer(senders)
            self.initial["sender"] = self._another_sender() if step else message.sender_id
        else:
            del self.fields["sender"]
        first = {Step.CORRECT_NUMBER: "phone", Step.CHANGE_SENDER: "sender"}.get(
            Step(step) if step else Step.CORRECT_NUMBER, "text"
        )
        self.fields[first].widget.attrs["autofocus"] = True

    @property
    def senders(self) -> RowChoiceField:
        field = self.fields["sender"]
        assert isinstance(field, RowChoiceField)  # noqa: S101 - for the type checker
        return field

    def _ask_number(self, step: str) -> None:
        if step in {"", Step.CORRECT_NUMBER}:
            contact = self.message.contact
            self.fields["updates_contact"].label = f"Update {contact}'s number" if contact else ""
            if contact is None:
                del self.fields["updates_contact"]
        else:
            self.initial["phone"] = self.message.number.formatted
            self.fields["phone"].widget = forms.HiddenInput()
            del self.fields["updates_contact"]

    def _another_sender(self) -> str | None:
        others = (pk for pk in self.senders.rows if pk != str(self.message.sender_id))
        return next(others, None)

    def clean_phone(self) -> Phone:
        try:
            return phones.parse(self.cleaned_data["phone"])
        except PhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        if self.chosen_sender is None:
            self.add_error("sender", "Choose a sender number.")
        return self.cleaned_data

    @property
    def chosen_sender(self) -> SenderNumber | None:
        """Return the chosen sender number, or the failed text's."""
        chosen: SenderNumber | None = self.cleaned_data.get("sender")
        return chosen or self.message.sender

    @property
    def key(self) -> uuid.UUID:
        """Return the idempotency key: the same for a second click, but not after a change."""
        data = self.cleaned_data
        sender = self.chosen_sender and self.chosen_sender.pk
        return uuid.uuid5(data["form_token"], f"{data['phone'].e164} {sender} {data['text']}")


@dataclass(frozen=True)
class Checked:
    """What's known about a correction that's being typed."""

    number: Phone | None
    problem: str
    verdicts: list[Verdict]
    clock: str


def check(message: SmsMessage, form: CorrectionForm) -> Checked | None:
    """Return what to show next to the number that's being typed, or None without one."""
    if not form.is_bound:
        return None
    form.is_valid()  # The text may still be empty.
    number: Phone | None = form.cleaned_data.get("phone")
    if number is None:
        problem = "" if not form.data.get("phone") else str(form.errors["phone"][0])
        return Checked(None, problem, [], "") if problem else None
    verdicts = preflight.check(
        organization=message.lead.organization,
        sender=form.chosen_sender,
        to=number.e164,
        text=form.data.get("text", ""),
        picture=message.picture,
    )
    here = quiet_hours.local_times(number, timezone.now())
    is_placed = here and number.kind not in quiet_hours.PLACELESS
    return Checked(number, "", verdicts, moments.clock_there(here[0]) if is_placed else "")

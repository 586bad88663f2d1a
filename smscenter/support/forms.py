from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support import evidence
from smscenter.support.models import Request
from smscenter.support.models.request import DETAILS
from smscenter.support.states import LONGEST_NOTE

LONGEST_KEY = 18


class StartForm(forms.Form):
    """Where a whitelist request starts from: a failed message, a sending number, or nothing."""

    sender = forms.ModelChoiceField(
        SenderNumber.objects.none(), required=False, label="Sending number"
    )
    message = forms.ModelChoiceField(
        SmsMessage.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, user: User) -> None:
        super().__init__(data)
        self.numbers = SenderNumber.objects.visible_to(user).order_by("-active", "label", "id")
        choices = cast("dict[str, forms.ModelChoiceField[Any]]", self.fields)
        choices["sender"].queryset = self.numbers
        choices["message"].queryset = SmsMessage.objects.visible_to(user).failed()

    def sending_number(self) -> SenderNumber | None:
        """The number that is asked for; None where there are several and nobody has chosen."""
        if chosen := self.cleaned_data["sender"]:
            return cast("SenderNumber", chosen)
        if message := self.cleaned_data["message"]:
            return message.sender or self.numbers.filter(phone=message.local_phone).first()
        numbers = self.numbers[:2]
        return numbers[0] if len(numbers) == 1 else None


class MessageChoiceField(forms.ModelMultipleChoiceField[SmsMessage]):
    def label_from_instance(self, obj: SmsMessage) -> str:
        return f"{obj.text} (to {obj.number}: {obj.why.label.lower()})"

    def clean(self, value: Any) -> Any:
        # More digits than a key has: SQLite raises an error of its own.
        if any(len(str(pk)) > LONGEST_KEY for pk in value or ()):
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": "…"})
        return super().clean(value)


class WhitelistForm(forms.ModelForm[Request]):
    """The five documented details, and the failed messages that show the mistake."""

    website = forms.URLField(
        label="Website address",
        max_length=200,
        assume_scheme="https",
        help_text="Of the business that sends these texts.",
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )
    opted_in = forms.ChoiceField(
        label="Did the receiver opt in at some point?",
        choices=Request.OptedIn.choices,
        widget=forms.RadioSelect,
    )
    failed_messages = MessageChoiceField(
        SmsMessage.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="From the newest 72 hours. Carriers usually want three or more.",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["website", "content_type", "failed_messages", "examples"]

    class Meta:
        model = Request
        fields = DETAILS
        help_texts = {
            "content_type": "For example: appointment reminders, answers to enquiries, offers.",
            "examples": "Word for word, as you send them.",
            "relationship": "For example: customers who booked with us.",
        }
        widgets = {
            "examples": forms.Textarea(attrs={"rows": 6}),
            "relationship": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(
        self,
        data: QueryDict | None,
        *,
        instance: Request,
        sender: SenderNumber,
        user: User,
        message: SmsMessage | None = None,
    ) -> None:
        super().__init__(data, instance=instance)
        also = instance.message_ids() | _numbers(data, "failed_messages")
        if message is not None:
            also.add(message.pk)
        offered = evidence.offered(user, sender, also)
        cast("MessageChoiceField", self.fields["failed_messages"]).queryset = offered
        for name in DETAILS:
            self.fields[name].required = True
        if instance.pk:
            self.initial["failed_messages"] = instance.message_ids()
            del self.fields["form_token"]
        else:
            self.initial["failed_messages"] = [row.pk for row in offered]
            self.initial["examples"] = evidence.examples(offered)
            self.initial["form_token"] = uuid4()

    def save_once(self) -> Request:
        """Save it with its messages. A form that was saved before answers the request of then."""
        token = self.cleaned_data.get("form_token", self.instance.form_token)
        self.instance.form_token = token
        try:
            with transaction.atomic():
                self.save()
                self.instance.attach(self.cleaned_data["failed_messages"])
        except IntegrityError:
            return Request.objects.get(organization=self.instance.organization, form_token=token)
        return self.instance


class AnswerForm(forms.Form):
    """What a rep answers when support asked something."""

    note = forms.CharField(
        label="Your answer",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _numbers(data: QueryDict | None, name: str) -> set[int]:
    """Ids that a form carries; what is none is left for the field to complain about."""
    values = data.getlist(name) if data is not None else []
    digits = (value for value in values if value.isascii() and value.isdigit())
    return {int(value) for value in digits if len(value) <= LONGEST_KEY}

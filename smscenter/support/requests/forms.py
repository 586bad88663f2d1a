from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from messaging import sender_facts
from messaging.models import SenderNumber, SmsMessage
from messaging.sender_facts import SenderFact
from smscenter.accounts.forms import OnceForm
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.models.draft import QUESTION
from smscenter.support.models.states import LONGEST_NOTE, State
from smscenter.support.widgets import LongText


class SenderChoiceField(forms.ModelChoiceField[SenderNumber]):
    """Says of each number of one organization what is known of it, too."""

    known: Mapping[int, list[SenderFact]] | None = None

    def label_from_instance(self, obj: SenderNumber) -> str:
        if self.known is None:
            self.known = sender_facts.facts_of(obj.organization_id)
        return sender_facts.label(obj, self.known)


class StartForm(forms.Form):
    """Where a whitelist request starts from: a failed message, a sending number, or nothing."""

    sender = SenderChoiceField(SenderNumber.objects.none(), required=False, label="Sender number")
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


class AboutForm(forms.Form):
    """The message that a question is about, if it is about one."""

    message = forms.ModelChoiceField(SmsMessage.objects.none(), required=False)

    def __init__(self, data: QueryDict, user: User) -> None:
        super().__init__(data)
        rows = SmsMessage.objects.visible_to(user).select_related("lead", "sender")
        choices = cast("dict[str, forms.ModelChoiceField[Any]]", self.fields)
        choices["message"].queryset = rows.prefetch_related("attempts")


class ContactForm(OnceForm[SupportRequest]):
    """A question about anything, with the message that it is about."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = SupportRequest
        fields = QUESTION
        labels = {"body": "What can we help with?"}
        widgets = {"body": LongText(attrs={"rows": 6})}

    def __init__(
        self, data: QueryDict | None, *, user: User, message: SmsMessage | None = None
    ) -> None:
        support_request = SupportRequest(
            organization=user.organization, created_by=user, kind=SupportRequest.Kind.OTHER,
            sender=message.sender if message else None,
        )  # fmt: skip
        super().__init__(data, instance=support_request)
        self.user, self.message = user, message
        for name in QUESTION:
            self.fields[name].required = True
        if message is not None and message.failed:
            self.initial["subject"] = f"Text to {message.number} failed: {message.why.label}"

    def send_once(self) -> SupportRequest:
        """Submit it with its message, or return the request that the same form sent before."""
        return self.save_once(self._send)

    def _send(self) -> SupportRequest:
        support_request = self.save()
        support_request.attach([self.message] if self.message else [])
        support_request.move(State.SUBMITTED, self.user)
        return support_request


class AnswerForm(forms.Form):
    """What a rep answers when support asked something."""

    note = forms.CharField(
        label="Your reply",
        required=False,
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 3}),
    )


class RemarkForm(forms.Form):
    """What a rep adds while support has the request."""

    note = forms.CharField(
        label="Comment",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 3}),
    )

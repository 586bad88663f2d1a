from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict

from messaging.composing.senders import sender_facts
from messaging.composing.senders.sender_facts import SenderFact
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.forms import OnceForm
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.models.details import QUESTION
from smscenter.support.models.states import LONGEST_NOTE, State
from smscenter.support.requests.moves import move
from smscenter.support.requests.resend import Plan
from smscenter.support.widgets import LongText


class SenderChoiceField(forms.ModelChoiceField[SenderNumber]):
    """Choose a sender number. Each label includes facts about the number."""

    known: Mapping[int, list[SenderFact]] | None = None

    def label_from_instance(self, obj: SenderNumber) -> str:
        if self.known is None:
            self.known = sender_facts.facts_of(obj.organization_id)
        return sender_facts.label(obj, self.known)


class StartForm(forms.Form):
    """Read what a whitelist request starts from: a failed text, a sender number, or nothing."""

    sender = SenderChoiceField(
        SenderNumber.objects.none(),
        required=False,
        label="Sender number",
        empty_label="Choose a number",
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

    def sender_number(self) -> SenderNumber | None:
        """Return the number to whitelist, or None if there are several and none is chosen."""
        if chosen := self.cleaned_data["sender"]:
            return cast("SenderNumber", chosen)
        if message := self.cleaned_data["message"]:
            return message.sender or self.numbers.filter(phone=message.local_phone).first()
        numbers = self.numbers[:2]
        return numbers[0] if len(numbers) == 1 else None


class AboutForm(forms.Form):
    """Read which text a question is about, if any."""

    message = forms.ModelChoiceField(SmsMessage.objects.none(), required=False)

    def __init__(self, data: QueryDict, user: User) -> None:
        super().__init__(data)
        rows = SmsMessage.objects.visible_to(user).select_related("lead", "sender")
        choices = cast("dict[str, forms.ModelChoiceField[Any]]", self.fields)
        choices["message"].queryset = rows.prefetch_related("attempts")


class ContactForm(OnceForm[SupportRequest]):
    """Ask support a question, which can be about a text."""

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
            self.initial["body"] = message.why.advice.question

    def send_once(self) -> SupportRequest:
        """Submit the question, or return the request if this form was already submitted."""
        return self.save_once(self._send)

    def _send(self) -> SupportRequest:
        support_request = self.save()
        support_request.attach([self.message] if self.message else [])
        move(support_request, State.SUBMITTED, self.user)
        return support_request


class ReplyForm(forms.Form):
    """Reply to support's question."""

    note = forms.CharField(
        label="Your reply",
        required=False,
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 3}),
    )


class CommentForm(forms.Form):
    """Add a comment while support has the request."""

    note = forms.CharField(
        label="Comment",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 3}),
    )


class ResendForm(forms.Form):
    """Choose which texts to resend. Recent ones are checked by default."""

    texts = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Texts to resend",
        help_text="Uncheck anything that's out of date.",
        error_messages={"required": "Choose at least one text."},
    )

    def __init__(self, data: object, plan: Plan) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]  # a QueryDict or nothing
        self.plan = plan
        texts = self.fields["texts"]
        texts.choices = [(row.pk, row.text) for row in plan.texts]  # type: ignore[attr-defined]
        self.initial["texts"] = [row.pk for row in plan.texts if row.is_recent()]

    def rows(self) -> Iterator[tuple[BoundWidget, SmsMessage, list[str]]]:
        """Return each text's checkbox, the text, and warnings about it."""
        for checkbox, row in zip(self["texts"], self.plan.texts, strict=True):
            yield checkbox, row, self.plan.warnings[row.pk]

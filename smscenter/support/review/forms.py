from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.mail_queue import LONGEST_SUBJECT
from smscenter.support.models import SavedReply, SupportRequest
from smscenter.support.models.states import LONGEST_NOTE, NEEDS_NOTE, State
from smscenter.support.models.support_request import LONGEST_TICKET
from smscenter.support.review.filters import reviewers
from smscenter.support.review.packet import Packet
from smscenter.support.review.saved_replies import MOST_REPLIES, problem_of
from smscenter.support.widgets import LongText

OPTIONAL_NOTE = "Note to the requester (optional)"


@dataclass(frozen=True)
class Step:
    """A step of the review: its name among the others, its icon, its button, and its note."""

    label: str
    icon: str
    button: str
    note: str


# In the usual order.
STEPS = {
    State.MORE_INFORMATION: Step(
        "Ask", "question-mark-circle", "Ask the requester", "What do you need to know?"
    ),
    State.SENT_TO_CARRIER: Step(
        "To carrier", "paper-airplane", "Mark as sent to the carrier", OPTIONAL_NOTE
    ),
    State.WHITELISTED: Step("Whitelist", "shield-check", "Mark as whitelisted", OPTIONAL_NOTE),
    State.ANSWERED: Step("Answer", "chat-bubble-left-right", "Send answer", "Your answer"),
    State.REFUSED: Step("Refuse", "x-mark", "Refuse request", "Reason (the requester sees it)"),
}


class MoveForm(forms.Form):
    """Move a request. The request itself checks whether the move is allowed."""

    to = forms.ChoiceField(
        choices=[(state.value, state.label) for state in STEPS], widget=forms.HiddenInput
    )
    ticket = forms.CharField(
        label="Carrier ticket number", required=False, max_length=LONGEST_TICKET
    )
    expires = forms.DateField(
        label="Expires (optional)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        required=False, max_length=LONGEST_NOTE, widget=LongText(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, to: State | None = None, **kwargs: Any) -> None:
        """Show only the fields of one step if `to` is given."""
        super().__init__(*args, **kwargs)
        if to is None:
            return
        self.state, self.step = to, STEPS[to]
        self.auto_id = f"id_{to}_%s"
        self.initial["to"] = to
        self.fields["note"].label = self.step.note
        self.fields["note"].widget.attrs["data-saved-replies"] = True
        self.fields["note"].required = to in NEEDS_NOTE
        if to is not State.SENT_TO_CARRIER:
            del self.fields["ticket"]
        if to is not State.WHITELISTED:
            del self.fields["expires"]

    def clean_expires(self) -> datetime | None:
        """Return the end of that day in the time zone of the person who chose it."""
        day = self.cleaned_data["expires"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


def steps_of(support_request: SupportRequest) -> list[MoveForm]:
    """Return a form for each step that support staff can take now."""
    allowed = support_request.allowed_moves()
    return [MoveForm(to=state) for state in STEPS if state in allowed]


def first_step(steps: list[MoveForm]) -> State | None:
    """Return the step that is open at first: questions are usually answered at once."""
    states = [form.state for form in steps]
    return State.ANSWERED if State.ANSWERED in states else next(iter(states), None)


class AssignForm(forms.Form):
    """Assign a request, or reassign it if it's assigned (`initial`)."""

    assignee = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Unassigned")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[User]", self.fields["assignee"])
        field.queryset = reviewers()
        field.label = f"{self.button} to"

    @property
    def button(self) -> str:
        return "Reassign" if self.initial.get("assignee") else "Assign"


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Add a note",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 2}),
        help_text="Only support staff can see it.",
    )


class ReviewReplyForm(forms.Form):
    """Write to the requester without changing the status."""

    note = forms.CharField(
        label="Reply",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 2, "data-saved-replies": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_reply_%s"


class SavedReplyForm(forms.ModelForm[SavedReply]):
    class Meta:
        model = SavedReply
        fields = ["name", "text"]
        widgets = {"text": LongText(attrs={"rows": 6})}

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if problem := problem_of(text):
            raise ValidationError(problem)
        return text

    def clean(self) -> dict[str, Any]:
        if self.instance._state.adding and SavedReply.objects.count() >= MOST_REPLIES:
            raise ValidationError(f"There are {MOST_REPLIES} saved replies. Delete one first.")
        return super().clean() or self.cleaned_data


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label="Reason (the requester sees it)",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 2}),
    )


class CarrierMailForm(forms.Form):
    """Edit the packet before it's mailed."""

    subject = forms.CharField(max_length=LONGEST_SUBJECT)
    text = forms.CharField(widget=LongText(attrs={"rows": 12}))
    # A second click doesn't send a second mail.
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, packet: Packet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_mail_%s"
        self.initial = {"subject": packet.title, "text": packet.as_text(), "key": uuid4()}

    def clean_key(self) -> UUID:
        key: UUID | None = self.cleaned_data["key"]
        return key or uuid4()


def carrier_address(support_request: SupportRequest) -> str:
    """Return the carrier's address for whitelist requests, or an empty string."""
    carrier = support_request.sender.carrier if support_request.sender else ""
    addresses: dict[str, str] = settings.CARRIER_SUPPORT_EMAILS
    return addresses.get(carrier, "")

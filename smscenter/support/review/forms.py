from datetime import datetime, time
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.mail_queue import LONGEST_SUBJECT
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import LONGEST_NOTE, NEEDS_NOTE, State
from smscenter.support.models.support_request import LONGEST_TICKET
from smscenter.support.review.filters import reviewers
from smscenter.support.review.packet import Packet
from smscenter.support.widgets import LongText

# In the usual order, with the labels of the button and of the note.
STEPS = {
    State.MORE_INFORMATION: ("Ask the requester", "What do you need to know?"),
    State.SENT_TO_CARRIER: ("Mark as sent to the carrier", "Note to the requester (optional)"),
    State.WHITELISTED: ("Mark as whitelisted", "Note to the requester (optional)"),
    State.ANSWERED: ("Send answer", "Your answer"),
    State.REFUSED: ("Refuse request", "Reason (the requester sees it)"),
}
NEVER = {
    SupportRequest.Kind.WHITELIST: State.ANSWERED,
    SupportRequest.Kind.OTHER: State.WHITELISTED,
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
        self.step = to
        self.auto_id = f"id_{to}_%s"
        self.initial["to"] = to
        self.fields["note"].label = STEPS[to][1]
        self.fields["note"].required = to in NEEDS_NOTE
        if to is not State.SENT_TO_CARRIER:
            del self.fields["ticket"]
        if to is not State.WHITELISTED:
            del self.fields["expires"]

    @property
    def button(self) -> str:
        return STEPS[self.step][0]

    def clean_expires(self) -> datetime | None:
        """Return the end of that day in the time zone of the person who chose it."""
        day = self.cleaned_data["expires"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


def steps_of(support_request: SupportRequest) -> list[MoveForm]:
    """Return a form for each step that support staff can take now."""
    allowed = support_request.allowed_moves()
    return [MoveForm(to=state) for state in STEPS if state in allowed]


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
        label="Internal note",
        max_length=LONGEST_NOTE,
        widget=LongText(attrs={"rows": 3}),
        help_text="Only support staff can see it.",
    )


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

"""After a number was whitelisted: which of the blocked texts of a request can be tried again."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms

from messaging.composing import preflight
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.wording import lowerfirst

# A request has a few texts; a preview looks at each.
MOST = 50


@dataclass(frozen=True)
class LeftOut:
    """A text that is not tried again, with the sentence that says why."""

    message: SmsMessage
    why: str


@dataclass(frozen=True)
class Plan:
    tried: list[SmsMessage]
    left_out: list[LeftOut]


class AgainForm(forms.Form):
    """Which texts to try again: all of them, unless somebody says otherwise."""

    texts = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Texts to resend",
        help_text="Uncheck anything that's out of date.",
        error_messages={"required": "Choose at least one text."},
    )

    def __init__(self, data: object, plan: Plan) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]  # a QueryDict or nothing
        texts = self.fields["texts"]
        texts.choices = [(row.pk, f"{row.text} (to {row.number})") for row in plan.tried]  # type: ignore[attr-defined]
        self.initial["texts"] = [row.pk for row in plan.tried]


def plan(support_request: SupportRequest) -> Plan:
    """Looks at each text as sending does: at most two queries for each."""
    rows = support_request.messages.select_related("lead__organization", "sender")
    made = Plan([], [])
    for message in rows.order_by("-created", "-id")[:MOST]:
        if why := _against(message):
            made.left_out.append(LeftOut(message, why))
        else:
            made.tried.append(message)
    return made


def try_again(messages: Iterable[SmsMessage], by: User) -> Plan:
    """Try each of them, and say which were, because something may have changed meanwhile."""
    done = Plan([], [])
    for message in messages:
        try:
            outbox.try_again(message, by)
        except outbox.Refused as refused:
            done.left_out.append(LeftOut(message, str(refused)))
        except outbox.NotFailedError:
            done.left_out.append(LeftOut(message, "It was already sent."))
        else:
            done.tried.append(message)
    return done


def _against(message: SmsMessage) -> str:
    """The first thing that speaks against trying this text again; empty for nothing."""
    if not message.failed:
        return f"It didn't fail: {lowerfirst(message.get_status_display())}."
    if message.reason != Reason.SPAM:
        return f"It failed for another reason: {lowerfirst(message.why.label)}."
    verdicts = preflight.check(
        organization=message.lead.organization,
        sender=message.sender,
        to=message.remote_phone,
        text=message.text,
    )
    refusals = preflight.refusals(verdicts)
    return refusals[0].message if refusals else ""

"""The composer on the lead page: recipient, sender number, text, and preflight checks."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property

from leads.models import ContactPhone, Lead
from leads.phones import Phone
from leads.read_contacts import read_contacts
from messaging.composing import pictures, preflight, quiet_hours, segments, send_times
from messaging.composing.senders import sender_facts, sender_health
from messaging.composing.senders.sender_facts import SenderFact
from messaging.composing.senders.sender_health import Health
from messaging.composing.trial import Trial, trial_of
from messaging.composing.verdicts import Verdict
from messaging.models import (
    Attempt,
    MediaFile,
    MessageTemplate,
    Recipient,
    SenderNumber,
    SmsMessage,
    Thread,
)
from messaging.models.reason import Reason
from smscenter import moments
from smscenter.accounts.http import MemberRequest
from smscenter.accounts.models import User
from smscenter.database.prepared import PreparedRows, by_ids
from smscenter.database.row_ids import row_id
from smscenter.wording import lowerfirst

LONGEST_TEXT = 10_000
# An offered time may pass before the click. Then the text is sent now.
OFFER_LASTS = timedelta(hours=1)
# For how long the composer offers to undo the scheduling of a text.
SCHEDULED_UNDO_SECONDS = 10


@PreparedRows
def _senders(user: int, organization: int) -> QuerySet[Any]:
    return SenderNumber.objects.usable_by(by_ids(User, user, organization))


@PreparedRows
def _templates(user: int, organization: int) -> QuerySet[Any]:
    return MessageTemplate.objects.usable_by(by_ids(User, user, organization))


class RowChoiceField(forms.ChoiceField):
    """A choice among model rows, which are read only once."""

    rows: Mapping[str, Any] = {}

    def offer(
        self, rows: Iterable[Model], label: Callable[[Any], str] = str, empty: str = ""
    ) -> None:
        """Offer these rows, after a choice of none with the label `empty`."""
        self.rows = {str(row.pk): row for row in rows}
        none = [("", empty)] if empty else []
        self.choices = [*none, *((pk, label(row)) for pk, row in self.rows.items())]

    def clean(self, value: Any) -> Any:
        """Return the chosen row, or None."""
        return self.rows.get(super().clean(value))


class ComposerForm(forms.Form):
    to = RowChoiceField()
    sender = RowChoiceField(label="From", required=False)
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "Write a text…", "data-key": "c r", "data-draft": True}
        ),
    )
    # The button "Send at 8:00 AM their time" has its time as its value.
    offer = send_times.LocalTimeField(required=False, widget=forms.HiddenInput)
    send_at = send_times.LocalTimeField(required=False, label="Date and time")
    # The template in the select, and the one that was inserted.
    template = RowChoiceField(required=False)
    inserted = RowChoiceField(required=False, widget=forms.HiddenInput)
    # The picture to send, which was uploaded before.
    picture = forms.ModelChoiceField(
        MediaFile.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "This picture is no longer here. Attach it again."},
    )
    # The lead's latest text when the composer was shown: a colleague may text in the meantime.
    latest = forms.IntegerField(required=False, widget=forms.HiddenInput)
    plain = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    none_can_be_texted = False
    # The known recipients of all numbers. Set when they are ranked.
    recipients: Mapping[str, Recipient] | None = None

    def __init__(self, *args: Any, request: MemberRequest, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = request.user
        self.auto_id = "sms_%s"
        # The lead page has them already.
        phones = [phone for person in read_contacts(lead) for phone in person.phones.all()]
        self._rows("to").offer(phones, _person_and_number)
        numbers = _senders(user.pk, request.organization.pk)
        self.known = sender_facts.facts_once(request, lead.organization_id)
        self._rows("sender").offer(numbers, partial(sender_facts.label, known=self.known))
        self._offer_templates(_templates(user.pk, request.organization.pk))
        if self.is_bound or self.initial.get("picture"):
            self._picture.queryset = pictures.sendable(user, lead)
        self.initial.setdefault("latest", lead.latest_sms_id or 0)
        if not self.is_bound and self._rows("to").rows:
            self._preselect(lead)

    def _offer_templates(self, rows: Sequence[MessageTemplate]) -> None:
        self._rows("template").offer(rows, empty="Choose…")
        self._rows("inserted").offer(rows)
        if rows:
            self.fields["text"].widget.attrs |= {
                "placeholder": "Write a text, or / for templates",
                "aria-autocomplete": "list",
                "aria-controls": "templates",
            }

    def _preselect(self, lead: Lead) -> None:
        """Preselect a number that can be texted, unless another one was requested."""
        rows = self._rows("to").rows
        numbers = {row.phone for row in rows.values()}
        self.recipients = Recipient.objects.known_once(lead.organization, numbers)
        rank = preflight.rank(lead.organization, self.chosen("sender"), numbers, self.recipients)
        best = min(rows.values(), key=lambda row: rank[row.phone])
        self.none_can_be_texted = len(rows) > 1 and rank[best.phone] == preflight.IMPOSSIBLE
        if str(self.initial.get("to")) not in rows:
            self.initial = {**self.initial, "to": best.pk}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "later" in self.data and "send_at" not in self.errors and not data.get("send_at"):
            self.add_error("send_at", "Choose a date and a time.")
        return data

    @property
    def due(self) -> datetime | None:
        """Return when to send the text, or None for now."""
        data, phone = self.cleaned_data, self.cleaned_data["to"].number
        if offer := data["offer"]:
            at = send_times.resolve(offer, phone)
            return None if -OFFER_LASTS < at - timezone.now() <= timedelta() else at
        return send_times.resolve(data["send_at"], phone) if data["send_at"] else None

    @property
    def _picture(self) -> "forms.ModelChoiceField[MediaFile]":
        return cast("forms.ModelChoiceField[MediaFile]", self.fields["picture"])

    @cached_property
    def chosen_picture(self) -> MediaFile | None:
        if self.is_bound:
            return self.cleaned_data.get("picture")
        chosen = row_id(str(self.initial.get("picture") or ""))
        rows = self._picture.queryset
        return rows.filter(pk=chosen).first() if rows is not None and chosen else None

    @property
    def is_open(self) -> bool:
        """Return whether it's shown with all its fields, because somebody is writing."""
        has_focus = "autofocus" in self.fields["text"].widget.attrs
        return self.is_bound or has_focus or bool(self.initial.get("text") or self.chosen_picture)

    def _rows(self, name: str) -> RowChoiceField:
        return cast("RowChoiceField", self.fields[name])

    @property
    def key(self) -> uuid.UUID:
        """Return the idempotency key. A double click has the same key; a changed form that is
        posted again, for example after a timeout, has another one."""
        chosen = self.cleaned_data
        to, sender = chosen["to"].phone, chosen["sender"] and chosen["sender"].phone
        when = chosen["offer"] or chosen["send_at"]
        picture = chosen["picture"] and chosen["picture"].pk
        words = f"{to} {sender} {when} {chosen['plain']} {picture} {chosen['text']}"
        return uuid.uuid5(chosen["form_token"], words)

    def chosen(self, name: str) -> Any:
        """Return a select's current row: the chosen one, or else the first."""
        if self.is_bound:
            return self.cleaned_data.get(name)
        rows = self._rows(name).rows
        return rows.get(str(self.initial.get(name))) or next(iter(rows.values()), None)


def _person_and_number(phone: ContactPhone) -> str:
    kind = (
        "" if phone.label == phone.Label.MOBILE else f" ({lowerfirst(phone.get_label_display())})"
    )
    return f"{phone.contact.name}, {phone.number}{kind}"


@dataclass(frozen=True)
class Check:
    """A text's length, its sender number with what's known about it, and preflight verdicts."""

    count: segments.Count
    verdicts: list[Verdict]
    plain: segments.SmartEncoding | None
    is_plain: bool = False
    facts: Sequence[SenderFact] = ()
    sender: SenderNumber | None = None
    health: Health | None = None
    # When a scheduled text is to be sent.
    when: str = ""
    offer: "Offer | None" = None
    has_picture: bool = False
    trial: Trial | None = None


@dataclass(frozen=True)
class Offer:
    """The next time when texting is allowed where the recipient is: the form's value, and shown."""

    value: str
    clock: str

    @classmethod
    def for_number(cls, phone: Phone, at: datetime) -> "Offer":
        there = send_times.local_time(quiet_hours.next_opening(phone, at), phone)
        return cls(f"{there:%Y-%m-%dT%H:%M}", moments.clock_there(there))


def check_of(form: ComposerForm, lead: Lead) -> Check | None:
    """Return the checks before sending, or None while there is no recipient."""
    phone: ContactPhone | None = form.chosen("to")
    if phone is None:
        return None
    typed = form.cleaned_data["text"] if form.is_bound else form.initial.get("text", "")
    is_plain = form.is_bound and form.cleaned_data["plain"]
    text = segments.to_plain(typed) if is_plain else typed
    sender: SenderNumber | None = form.chosen("sender")
    due = form.due if form.is_bound else None
    picture = form.chosen_picture
    verdicts = preflight.check(
        organization=lead.organization,
        sender=sender,
        to=phone.phone,
        text=text,
        due=due,
        known=form.recipients,
        picture=picture.listed if picture else None,
    )
    plain = None if picture else segments.smart_encoding(typed)
    # Don't warn about an empty text, or about characters that the plain-text offer covers.
    unsaid = {"empty_text", "costly_characters"} if plain else {"empty_text"}
    spoken = [verdict for verdict in verdicts if verdict.code not in unsaid]
    facts = form.known.get(sender.pk, ()) if sender else ()
    is_quiet = any(verdict.reason == Reason.QUIET_HOURS for verdict in spoken)
    return Check(
        segments.count(text),
        spoken,
        plain,
        is_plain,
        facts,
        sender=sender,
        health=sender_health.recent(sender) if sender else None,
        when=send_times.shown(due, phone.number) if due else "",
        offer=Offer.for_number(phone.number, due or timezone.now()) if is_quiet else None,
        has_picture=picture is not None,
        trial=trial_of(lead.organization) if sender and sender.trial else None,
    )


def composer_for(request: MemberRequest, lead: Lead) -> Mapping[str, Any]:
    """Return the lead page's composer.

    `?resend=` is the id of a message to start from, `?sent=` of one that can be undone, and `?to=`
    of the recipient's phone number.
    """
    resent, sent = (_named(request, lead, name) for name in ("resend", "sent"))
    initial = beginning_with(resent) if resent else {"to": request.GET.get("to", "")}
    panel = composer(request, lead, initial)
    return {**panel, "undo": undo_of(sent) if sent else None}


def composer(request: MemberRequest, lead: Lead, initial: dict[str, Any]) -> Mapping[str, Any]:
    form = ComposerForm(request=request, lead=lead, initial=initial)
    return {"form": form, "check": check_of(form, lead)}


def replying_to(lead: Lead, user: User) -> User | None:
    """Return the colleague who is writing to this lead right now."""
    thread = Thread.objects.filter(lead=lead).select_related("replying").first()
    return thread.replying_besides(user) if thread else None


def reply(request: MemberRequest, lead: Lead) -> Mapping[str, Any]:
    """Return the composer with the number that texted last, from the number that it texted."""
    texts = SmsMessage.objects.filter(lead=lead, direction=SmsMessage.Direction.INCOMING)
    latest = texts.order_by("-created", "-id").first()
    initial = beginning_with(latest) if latest else {}
    sent = _named(request, lead, "sent")
    panel = {
        **composer(request, lead, {**initial, "text": "", "picture": ""}),
        "is_reply": True,
        "undo": undo_of(sent) if sent else None,
    }
    if "reply" in request.GET:
        panel["form"].fields["text"].widget.attrs["autofocus"] = True
    return panel


def _named(request: MemberRequest, lead: Lead, name: str) -> SmsMessage | None:
    """Return the text whose id is in the URL."""
    pk = row_id(request.GET.get(name, ""))
    messages = SmsMessage.objects.visible_to(request.user).filter(lead=lead)
    return messages.filter(pk=pk).first() if pk else None


@dataclass(frozen=True)
class Undo:
    """A text that was just sent, and for how many seconds it can be undone."""

    message: SmsMessage
    seconds: float


def undo_of(message: SmsMessage) -> Undo | None:
    """Return how a text that was sent just now can be undone, if it can."""
    if message.status == SmsMessage.Status.SCHEDULED:
        left = SCHEDULED_UNDO_SECONDS - (timezone.now() - message.created).total_seconds()
        return Undo(message, round(left, 1)) if left > 0 else None
    if not settings.SEND_UNDO_SECONDS or message.status != SmsMessage.Status.OUTBOX:
        return None
    attempt = message.attempts.filter(number=1, state=Attempt.State.QUEUED, started=None).first()
    left = (attempt.due - timezone.now()).total_seconds() if attempt else 0
    return Undo(message, round(left, 1)) if left > 0 else None


def beginning_with(message: SmsMessage) -> dict[str, Any]:
    """Return the composer's values for sending this text again."""
    phones = ContactPhone.objects.filter(contact__lead=message.lead_id, phone=message.remote_phone)
    to = {"to": phone.pk} if (phone := phones.first()) else {}
    sender = {"sender": message.sender_id} if message.sender_id else {}
    picture = {"picture": message.picture["file"]} if message.picture else {}
    return {"text": message.text} | to | sender | picture

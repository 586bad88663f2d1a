from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Index, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.mail import letters
from smscenter.support.models.draft import DETAILS, QUESTION, Draft
from smscenter.support.models.evidence import Evidence
from smscenter.support.models.mail import Mail
from smscenter.support.models.states import (
    BY_MEMBERS,
    MOVES,
    MoveError,
    State,
    check_move,
    clean,
    is_reviewer,
    lower,
    written,
)
from smscenter.support.models.support_request_event import SupportRequestEvent
from smscenter.support.models.support_request_message import SupportRequestMessage
from smscenter.support.models.support_request_query import SupportRequestQuerySet
from smscenter.support.models.whitelisting import Whitelisting
from smscenter.support.requests.uploads import MOST_FILES, Upload

# How a request of this kind cannot end.
NEVER = {"whitelist": State.ANSWERED, "other": State.WHITELISTED}
# Written by `SupportRequest.move` only.
MOVED = frozenset(
    {"state", "decision", "decided_by", "decided", "submitted", "first_answered", "carrier_ticket"}
)
LONGEST_TICKET = 60
DECISIONS = sorted(state.value for state in State if state.is_decision)


class SupportRequest(Draft):
    """What an organization asks of the support staff. `move` is the only way to another state."""

    class Kind(models.TextChoices):
        WHITELIST = "whitelist", "Whitelisting"
        OTHER = "other", "Something else"

    class OptedIn(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNSURE = "unsure", "I do not know"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WHITELIST)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    sender = models.ForeignKey(
        SenderNumber,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="support_requests",
        verbose_name="sending number",
    )
    messages = models.ManyToManyField(
        SmsMessage, through="SupportRequestMessage", blank=True, related_name="support_requests"
    )
    website = models.URLField("website address", blank=True)
    content_type = models.CharField("type of content", max_length=200, blank=True)
    examples = models.TextField("examples of message content", max_length=10_000, blank=True)
    opted_in = models.CharField(
        "did the receiver opt in at some point", max_length=6, choices=OptedIn.choices, blank=True
    )
    relationship = models.TextField(
        "relationship between you and the receiver", max_length=2_000, blank=True
    )
    # What carriers ask for besides, as far as somebody knows it.
    opt_out_wording = models.TextField("how receivers can opt out", max_length=2_000, blank=True)
    opt_in_method = models.CharField("how they opted in", max_length=200, blank=True)
    opt_in_date = models.DateField("when they opted in", null=True, blank=True)
    opt_in_wording = models.TextField("what they agreed to", max_length=2_000, blank=True)
    opt_in_page = models.URLField("page where they opted in", blank=True)
    volume = models.PositiveIntegerField("texts a month", null=True, blank=True)
    # What is asked when it is not for whitelisting.
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField("question", max_length=10_000, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="assigned_support_requests",
    )
    carrier_ticket = models.CharField(max_length=60, blank=True)
    decision = models.TextField(blank=True, help_text="The reason, as the requester reads it.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided = models.DateTimeField(null=True, blank=True)
    # When it first came to support.
    submitted = models.DateTimeField(null=True, blank=True, editable=False)
    # When support first asked, passed it on or decided.
    first_answered = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(auto_now=True)

    objects = SupportRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="request_organization"),
            UniqueConstraint(fields=["organization", "form_token"], name="request_form_token"),
            models.CheckConstraint(
                name="request_kind", condition=Q(kind__in=["whitelist", "other"])
            ),
            models.CheckConstraint(name="request_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="request_opted_in", condition=Q(opted_in__in=["", "yes", "no", "unsure"])
            ),
            models.CheckConstraint(
                name="request_decided",
                condition=Q(state__in=DECISIONS, decided__isnull=False)
                | (~Q(state__in=DECISIONS) & Q(decided=None)),
            ),
            models.CheckConstraint(
                name="request_complete",
                condition=~Q(kind="whitelist")
                | Q(state__in=["draft", "withdrawn"])
                | (
                    Q(sender__isnull=False)
                    & ~Q(website="")
                    & ~Q(content_type="")
                    & ~Q(examples="")
                    & ~Q(opted_in="")
                    & ~Q(relationship="")
                ),
            ),
            models.CheckConstraint(
                name="request_whitelisted", condition=~Q(state="whitelisted") | Q(kind="whitelist")
            ),
            models.CheckConstraint(
                name="request_answered", condition=~Q(state="answered") | Q(kind="other")
            ),
            models.CheckConstraint(
                name="request_question",
                condition=~Q(kind="other")
                | Q(state__in=["draft", "withdrawn"])
                | (~Q(subject="") & ~Q(body="")),
            ),
        ]
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="request_created"),
            Index(fields=["organization", "sender"], name="request_sender"),
            # The review queue looks across organizations.
            Index(fields=["state", "submitted", "id"], name="request_queue"),
            Index(fields=["submitted", "id"], name="request_submitted"),
        ]

    def __str__(self) -> str:
        return f"Request {self.pk} ({self.get_kind_display()})"

    def get_absolute_url(self) -> str:
        return reverse("request_detail", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Leave the state to `move`: this instance may have been read before somebody moved it."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = {
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name not in MOVED
            }
        super().save(*args, **kwargs)

    @property
    def status(self) -> State:
        return State(self.state)

    @property
    def can_be_withdrawn(self) -> bool:
        return State.WITHDRAWN in MOVES[self.status]

    @property
    def website_url(self) -> str:
        """The website, if a link may lead there: what people type may be anything."""
        try:
            URLValidator(schemes=["http", "https"])(self.website)
        except ValidationError:
            return ""
        return self.website

    @property
    def open_question(self) -> str:
        """What support wants to know, while it is the requester's turn to answer."""
        if self.status is not State.MORE_INFORMATION:
            return ""
        questions = [event.note for event in self.events.all() if event.new == self.state]
        return questions[-1] if questions else ""

    @property
    def has_blocked_texts(self) -> bool:
        """Whether a spam filter's block still stands of some text of it."""
        return any(text.failed and text.reason == Reason.SPAM for text in self.messages.all())

    def has_heard(self, note: str) -> bool:
        """Whether this went along with its latest step."""
        latest = self.events.filter(kind=SupportRequestEvent.Kind.MOVE).last()
        return clean(note) in {"", latest.note if latest else ""}

    def _said_last(self, by: User, note: str, *, internal: bool) -> SupportRequestEvent | None:
        """Return what was written last, if it is this note by this person: a second click."""
        latest = self.events.filter(internal=internal).last()
        return latest if latest and (latest.user, latest.note) == (by, note) else None

    def message_ids(self) -> set[int]:
        if self._state.adding:
            return set()
        return set(
            SupportRequestMessage.objects.filter(request=self).values_list("message_id", flat=True)
        )

    def attach(self, messages: Iterable[SmsMessage]) -> None:
        """Make these its messages, and no others."""
        links = [
            SupportRequestMessage(
                organization_id=self.organization_id, request=self, message=message
            )
            for message in messages
        ]
        SupportRequestMessage.objects.filter(request=self).delete()
        SupportRequestMessage.objects.bulk_create(links)

    def add_evidence(self, uploads: Iterable[Upload], by: User) -> None:
        """Store the files that it does not have yet, as many as it still takes."""
        room = max(0, MOST_FILES - self.evidence.count())
        new = self.evidence.all().without(uploads)
        Evidence.objects.store(self, new[:room], by)

    def missing(self) -> list[str]:
        """Which of the details that it needs are still empty."""
        needed = QUESTION if self.kind == self.Kind.OTHER else ("sender", *DETAILS)
        return [self.name_of(name) for name in needed if not getattr(self, name)]

    @classmethod
    def name_of(cls, field: str) -> str:
        """What the people who fill it in call it."""
        return str(cls._meta.get_field(field).verbose_name)  # type: ignore[union-attr]

    def move(
        self,
        to: State,
        by: User,
        note: str = "",
        *,
        ticket: str = "",
        expires: datetime | None = None,
    ) -> SupportRequestEvent:
        """Go to another state, write the history and tell the requester.

        `ticket` is the carrier's number for it, `expires` is when a whitelisting ends. Raises
        MoveError with a sentence.
        """
        old, note, ticket = self.status, clean(note), clean(ticket)
        self._check(to, by, note, ticket, expires)
        with transaction.atomic():
            held = SupportRequest.objects.select_for_update().get(pk=self.pk)
            # Only from the state that was checked: somebody else may have been faster.
            if held.status is not old:
                raise MoveError(f"This request is no longer {lower(old)}. Reload the page.")
            if to is State.SUBMITTED and (missing := held.missing()):
                raise MoveError(f"Still missing: {', '.join(missing)}.")
            changes = held._changes(to, by, note, ticket)
            SupportRequest.objects.filter(pk=self.pk).update(**changes)
            if to is State.WITHDRAWN and held.submitted is None:
                Evidence.objects.discard(held, by)
            event = self.record(SupportRequestEvent.Kind.MOVE, by, note, old=old, new=to)
            if to is State.WHITELISTED and self.sender is not None:
                self._grant(self.sender, expires)
            letters.about_move(self, event)
        for name, value in changes.items():
            setattr(self, name, value)
        return event

    def _check(self, to: State, by: User, note: str, ticket: str, expires: datetime | None) -> None:
        is_member = by.organization_id == self.organization_id
        check_move(self.status, to, by, is_member=is_member, note=note)
        if to is NEVER[self.kind]:
            raise MoveError(f"A “{self.get_kind_display()}” request can't be {lower(to)}.")
        if len(ticket) > LONGEST_TICKET:
            raise MoveError(f"Ticket numbers can have up to {LONGEST_TICKET} characters.")
        if expires is not None and expires <= timezone.now():
            raise MoveError("Choose an expiration date in the future.")

    def _changes(self, to: State, by: User, note: str, ticket: str) -> dict[str, Any]:
        now = timezone.now()
        changes: dict[str, Any] = {"state": to, "updated": now}
        if self.submitted is None and to is State.SUBMITTED:
            changes["submitted"] = now
        if self.first_answered is None and to not in BY_MEMBERS:
            changes["first_answered"] = now
        if to.is_decision:
            changes |= {"decision": note, "decided_by": by, "decided": now}
        if ticket and to is State.SENT_TO_CARRIER:
            changes["carrier_ticket"] = ticket
        return changes

    def assign(self, to: User | None, by: User) -> SupportRequestEvent:
        """Give it to one of the support staff, or back to the queue. Raises MoveError."""
        if not is_reviewer(by) or (to is not None and not is_reviewer(to)):
            raise MoveError("Only support staff can be assigned requests.")
        if not self.status.is_open:
            raise MoveError(f"This request is {lower(self.status)}, so it can't be assigned.")
        here = SupportRequest.objects.open().filter(pk=self.pk, assignee=self.assignee_id)
        with transaction.atomic():
            if not here.update(assignee=to, updated=timezone.now()):
                raise MoveError("Someone else changed this request. Reload the page.")
            note = f"Assigned to {to}." if to else "Unassigned."
            event = self.record(SupportRequestEvent.Kind.ASSIGNMENT, by, note, internal=True)
        self.assignee = to
        return event

    def add_note(self, by: User, note: str) -> SupportRequestEvent:
        """Add a note that only the support staff see, once. Raises MoveError."""
        if not is_reviewer(by):
            raise MoveError("Only support staff can add internal notes.")
        note = written(note)
        with transaction.atomic():
            held = SupportRequest.objects.select_for_update().get(pk=self.pk)
            said = held._said_last(by, note, internal=True)
            return said or self.record(SupportRequestEvent.Kind.NOTE, by, note, internal=True)

    def add_remark(self, by: User, note: str) -> SupportRequestEvent:
        """Add what a member says while support has it, once. Raises MoveError."""
        if by.organization_id != self.organization_id:
            raise MoveError("Only members of the organization can comment on its requests.")
        with transaction.atomic():
            held = SupportRequest.objects.select_for_update().get(pk=self.pk)
            if said := held._said_last(by, clean(note), internal=False):
                return said
            if not held.status.is_open:
                raise MoveError(
                    f"This request is {lower(held.status)}, so you can't add a comment."
                )
            event = self.record(SupportRequestEvent.Kind.EDIT, by, written(note))
            letters.about_remark(self, event)
        return event

    def mail_carrier(self, by: User, mail: Mail) -> None:
        """Send this to the carrier, once for each key of a mail. Raises MoveError."""
        if not is_reviewer(by):
            raise MoveError("Only support staff can email a carrier.")
        if self.kind != self.Kind.WHITELIST:
            raise MoveError("Only whitelist requests can be emailed to a carrier.")
        with transaction.atomic():
            # Held, so that nobody withdraws it at this moment.
            held = SupportRequest.objects.select_for_update().get(pk=self.pk)
            if not held.status.is_open:
                raise MoveError(
                    f"This request is {lower(held.status)}, so you can't email the carrier."
                )
            if not Mail.objects.filter(key=mail.key).exists():
                letters.to_carrier(held, by, mail)

    def record_edit(self, by: User, what: Iterable[str]) -> SupportRequestEvent:
        """Write into the history that the requester changed what support has seen."""
        return self.record(SupportRequestEvent.Kind.EDIT, by, f"Changed: {', '.join(what)}.")

    def record(
        self, kind: SupportRequestEvent.Kind, by: User | None, note: str, **fields: Any
    ) -> SupportRequestEvent:
        """A line of the history; states and assignments change by their own methods."""
        return SupportRequestEvent.objects.create(
            organization_id=self.organization_id,
            request=self,
            kind=kind,
            user=by,
            note=note,
            **fields,
        )

    def _grant(self, sender: SenderNumber, expires: datetime | None) -> None:
        Whitelisting.objects.create(
            organization_id=self.organization_id,
            sender=sender,
            carrier=sender.carrier,
            request=self,
            expires=expires,
        )

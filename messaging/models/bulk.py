"""Bulk sends: one text to many leads, or many failed texts again.

A bulk send is frozen when it's created: `selection` has the ids of the rows that a search found. A
worker prepares an item for each of them, and after someone starts it, makes the items' texts at its
pace, shortly before they are sent. See messaging/outgoing/bulk/.
"""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    Index,
    OuterRef,
    Q,
    Sum,
    UniqueConstraint,
    Value,
    When,
)
from django.urls import reverse
from django.utils import timezone

from leads.models import Contact, Lead
from leads.phones import PhoneNumberError, parse
from messaging.models.attempt import Attempt
from messaging.models.message import SmsMessage
from messaging.models.reason import Reason
from messaging.models.sender import SenderNumber
from messaging.models.template import MessageTemplate
from smscenter.accounts.models import MadeByForm, Owned, OwnedQuerySet, User, once

DEFAULT_PACE = 60


class BulkSendQuerySet(OwnedQuerySet["BulkSend"]):
    def in_work(self) -> Self:
        """Return those that a worker has to do something for."""
        return self.filter(state__in=BulkSend.IN_WORK)

    def for_list(self) -> Self:
        """Load what a row of the list shows, in one query."""
        return self.select_related("created_by", "sender").defer("selection")

    def for_page(self) -> Self:
        return self.for_list().select_related("organization")

    def move(self, pk: int, old: "tuple[BulkSend.State, ...]", new: "BulkSend.State") -> bool:
        """Change the state of one if it's still one of the old ones. Return whether it was."""
        changes: dict[str, Any] = {
            "state": new,
            "hold": "",
            "held_until": None,
            "worked_until": None,
        }
        if new == BulkSend.State.RUNNING and BulkSend.State.READY in old:
            changes["started"] = timezone.now()
        if new in BulkSend.OVER:
            changes["finished"] = timezone.now()
        return self.filter(pk=pk, state__in=old).update(**changes) == 1


class BulkSend(MadeByForm):
    class Kind(models.TextChoices):
        SEND = "send", "Send"
        RESEND = "resend", "Resend"

    class State(models.TextChoices):
        PREPARING = "preparing", "Preparing"
        READY = "ready", "Ready to start"
        RUNNING = "running", "Sending"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Done"

    class Hold(models.TextChoices):
        """Why a running one isn't sending right now."""

        NONE = "", "Not held"
        LIMIT = "limit", "Your organization's limit per hour"
        DAILY_CAP = "daily_cap", "Daily cap of the sender number"
        SENDER = "sender", "Sender number turned off"
        PERSON = "person", "The person who started it has left"

    IN_WORK = (State.PREPARING, State.RUNNING)
    OVER = (State.STOPPED, State.DONE)

    kind = models.CharField(max_length=6, choices=Kind.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    query = models.CharField(
        max_length=2000, blank=True, help_text="The search it was created from."
    )
    selection = models.JSONField(default=list, help_text="IDs of the leads or failed texts.")
    text = models.TextField(blank=True, help_text="With placeholders. Empty for resends.")
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sender = models.ForeignKey(
        SenderNumber,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Resends use each text's own.",
    )
    pace = models.PositiveIntegerField(default=DEFAULT_PACE, help_text="Texts per minute.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    total = models.PositiveIntegerField(default=0)
    prepared = models.PositiveIntegerField(default=0, help_text="How many have an item.")
    hold = models.CharField(max_length=9, choices=Hold.choices, blank=True, default="")
    held_until = models.DateTimeField(null=True, blank=True)
    # When the pace allows the next text.
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Until then, one worker works on it. Only saves others the work: see messaging/outgoing/bulk/.
    worked_until = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    objects = BulkSendQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="bulk_organization"),
            once("bulk_form_token"),
            models.CheckConstraint(name="bulk_kind", condition=Q(kind__in=["send", "resend"])),
            models.CheckConstraint(
                name="bulk_hold",
                condition=Q(hold__in=["", "limit", "daily_cap", "sender", "person"]),
            ),
            models.CheckConstraint(
                name="bulk_state",
                condition=Q(
                    state__in=["preparing", "ready", "running", "paused", "stopped", "done"]
                ),
            ),
            models.CheckConstraint(name="bulk_pace", condition=Q(pace__gt=0)),
        ]
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="bulk_created"),
            Index(
                fields=["id"], condition=Q(state__in=["preparing", "running"]), name="bulk_in_work"
            ),
        ]

    def __str__(self) -> str:
        return f"Bulk {self.get_kind_display().lower()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("bulk_detail", args=[self.pk])

    @property
    def is_resend(self) -> bool:
        return self.kind == self.Kind.RESEND

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER

    def can_be_changed_by(self, user: User) -> bool:
        """Return whether this member can start, pause, or stop it."""
        return user.pk == self.created_by_id or user.has_perm("messaging.stop_others_sends")


class Bucket(models.TextChoices):
    """What became of an item. Each item is in exactly one."""

    WAITING = "waiting", "To send"
    QUIET = "quiet", "Waiting for daytime"
    IN_PROGRESS = "in_progress", "In progress"
    SCHEDULED = "scheduled", "Scheduled"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    LEFT_OUT = "left_out", "Left out"
    STOPPED = "stopped", "Stopped"
    DELETED = "deleted", "Deleted"

    @property
    def is_open(self) -> bool:
        """Return whether its items will still change by themselves."""
        return self in {Bucket.WAITING, Bucket.QUIET, Bucket.IN_PROGRESS, Bucket.SCHEDULED}


class LeftOut(models.TextChoices):
    """Why an item is left out, besides the reasons why texts fail."""

    NO_NUMBER = "no_number", "No phone number"
    DUPLICATE = "duplicate", "Same number twice"
    MISSING_VALUE = "missing_value", "Missing value"
    SAME_TEXT = "same_text", "Same text just now"
    LIMIT = "limit", "Limit for one number"
    OLD = "old", "Older than 72 hours"
    UNCHECKED = "unchecked", "Left out by hand"
    NOT_FAILED = "not_failed", "Didn't fail"
    DELETED = "deleted", "Deleted"
    PROBLEM = "problem", "Couldn't be checked"


# What people may include again.
OPTIONAL = (LeftOut.OLD, LeftOut.UNCHECKED)
LABELS = {**dict(LeftOut.choices), **dict(Reason.choices)}


class BulkItemQuerySet(OwnedQuerySet["BulkItem"]):
    def waiting(self) -> Self:
        return self.filter(state=BulkItem.State.WAITING)

    def due(self, at: datetime) -> Self:
        """Return those whose texts can be made, in order."""
        return self.waiting().filter(Q(due=None) | Q(due__lte=at)).order_by("position")

    def with_bucket(self, at: datetime | None = None) -> Self:
        """Annotate each with its `bucket`, and `why` it failed or was left out."""
        state, status, at = BulkItem.State, SmsMessage.Status, at or timezone.now()
        unconfirmed = Attempt.objects.unconfirmed().filter(message=OuterRef("message"))
        bucket = Case(
            When(state=state.LEFT_OUT, then=Value(Bucket.LEFT_OUT)),
            When(state=state.STOPPED, then=Value(Bucket.STOPPED)),
            When(state=state.WAITING, due__gt=at, then=Value(Bucket.QUIET)),
            When(state=state.WAITING, then=Value(Bucket.WAITING)),
            When(message=None, then=Value(Bucket.DELETED)),
            When(message__status=status.SENT, then=Value(Bucket.SENT)),
            When(message__status=status.ERROR, then=Value(Bucket.FAILED)),
            When(message__status=status.SCHEDULED, then=Value(Bucket.SCHEDULED)),
            When(Exists(unconfirmed), then=Value(Bucket.UNCONFIRMED)),
            default=Value(Bucket.IN_PROGRESS),
            output_field=models.CharField(),
        )
        why = Case(
            When(state=state.LEFT_OUT, then="reason"),
            When(state=state.MADE, message__status=status.ERROR, then="message__reason"),
            default=Value(""),
            output_field=models.CharField(),
        )
        return self.annotate(bucket=bucket, why=why)

    def in_bucket(self, bucket: str, why: str = "") -> Self:
        """Return those in a bucket, and there with a reason, or all."""
        rows = self.with_bucket()
        rows = rows.filter(Q(("bucket", bucket))) if bucket else rows
        return rows.filter(Q(("why", why))) if why else rows

    def tally(self) -> list[tuple[str, str, int, int]]:
        """Return bucket, reason, number, and segments of all items, in one query."""
        rows: Any = self.with_bucket().order_by()
        counted = rows.values("bucket", "why").annotate(texts=Count("pk"), parts=Sum("segments"))
        return list(counted.values_list("bucket", "why", "texts", "parts"))


class BulkItem(Owned):
    """One lead to text, or one failed text to resend."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MADE = "made", "Text made"
        LEFT_OUT = "left_out", "Left out"
        STOPPED = "stopped", "Stopped"

    bulk = models.ForeignKey(
        BulkSend, on_delete=models.CASCADE, db_index=False, related_name="items"
    )
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    lead = models.ForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    # The text that was made, or the failed one.
    message = models.ForeignKey(
        SmsMessage, on_delete=models.SET_NULL, null=True, related_name="bulk_items"
    )
    sender = models.ForeignKey(SenderNumber, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255, help_text="The lead's, in case it's deleted.")
    phone = models.CharField(max_length=16, blank=True)
    text = models.TextField(blank=True)
    segments = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=20, blank=True, default="")
    # Sentences: why it's left out, or warnings.
    notes = models.JSONField(default=list)
    # When texting is allowed again, if it was quiet hours at the last attempt to send it.
    due = models.DateTimeField(null=True)
    # What can't be in a bulk send twice: the number, or the failed text. Null if it's left out.
    once = models.CharField(max_length=40, null=True)  # noqa: DJ001 - NULLs are distinct

    objects = BulkItemQuerySet.as_manager()

    # Annotated by `with_bucket`.
    bucket: str
    why: str

    class Meta:
        constraints = [
            UniqueConstraint(fields=["bulk", "position"], name="bulk_item_position"),
            UniqueConstraint(fields=["bulk", "once"], name="bulk_item_once"),
            models.CheckConstraint(
                name="bulk_item_state",
                condition=Q(state__in=["waiting", "made", "left_out", "stopped"]),
            ),
            models.CheckConstraint(
                name="bulk_item_left_out", condition=~Q(state="left_out") | ~Q(reason="")
            ),
        ]
        indexes = [
            Index(fields=["bulk", "position"], condition=Q(state="waiting"), name="bulk_item_next")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.number}"

    @property
    def number(self) -> str:
        """Return the number for people, even if it isn't one."""
        try:
            return parse(self.phone).formatted
        except PhoneNumberError:
            return self.phone

    @property
    def is_optional(self) -> bool:
        """Return whether a person decides before the start if it's sent."""
        return self.state == self.State.WAITING or self.reason in OPTIONAL

    @property
    def bucket_label(self) -> str:
        return str(Bucket(self.bucket).label)

    @property
    def why_label(self) -> str:
        return LABELS.get(self.why, "")

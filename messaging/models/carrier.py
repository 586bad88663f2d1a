"""What carriers report: each callback as received, and the meaning of their codes."""

from collections.abc import Sequence
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.db.models.constants import OnConflict
from django.utils import timezone

from messaging.models.attempt import Attempt
from messaging.models.message import SmsMessage
from messaging.models.reason import Reason, Retry
from smscenter import request_id


class CarrierEventQuerySet(models.QuerySet["CarrierEvent"]):
    def new(self) -> Self:
        """Return events that nobody has processed yet."""
        return self.filter(outcome=CarrierEvent.Outcome.WAITING, note="")

    def insert(self, rows: Sequence["CarrierEvent"]) -> None:
        """Insert these rows, each only once, in one statement.

        `bulk_create` would take three, because it opens a transaction.
        """
        fields = [field for field in self.model._meta.concrete_fields if not field.primary_key]
        self._for_write = True
        self._insert(rows, fields=fields, using=self.db, on_conflict=OnConflict.IGNORE)  # type: ignore[attr-defined] # not in the stubs


class CarrierEvent(models.Model):
    """A callback, stored before it's processed, and kept even if it matches nothing yet."""

    class Kind(models.TextChoices):
        STATUS = "status", "Delivery report"
        INBOUND = "inbound", "Incoming text"

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Unmatched"
        APPLIED = "applied", "Processed"
        IGNORED = "ignored", "Ignored"

    carrier = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A digest of the payload, for carriers whose callbacks have no ID.
    event_id = models.CharField(max_length=64)
    carrier_id = models.CharField(max_length=64, blank=True)
    attempt_key = models.UUIDField(null=True, blank=True)
    payload = models.JSONField(help_text="Name and value pairs, in the order received.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    note = models.CharField(max_length=200, blank=True)
    attempt = models.ForeignKey(
        Attempt, on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    message = models.ForeignKey(
        SmsMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    received = models.DateTimeField(default=timezone.now)
    request_id = models.CharField(
        max_length=request_id.LONGEST,
        blank=True,
        default=request_id.current_request_id,
        db_default="",
        help_text="ID of the carrier's request, as in the logs.",
    )

    objects = CarrierEventQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["carrier", "kind", "event_id"], name="carrier_event"),
            models.CheckConstraint(
                name="carrier_event_outcome",
                condition=Q(outcome__in=["waiting", "applied", "ignored"]),
            ),
            models.CheckConstraint(
                name="carrier_event_kind", condition=Q(kind__in=["status", "inbound"])
            ),
        ]
        indexes = [
            Index(
                fields=["carrier", "carrier_id"],
                condition=Q(outcome="waiting"),
                name="carrier_event_waiting",
            ),
            Index(
                fields=["attempt_key"], condition=Q(outcome="waiting"), name="carrier_event_early"
            ),
            Index(fields=["-received"], name="carrier_event_received"),
            Index(fields=["id"], condition=Q(outcome="waiting", note=""), name="carrier_event_new"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.kind} {self.carrier_id}"


class CarrierCode(models.Model):
    """The meaning of a carrier's code. As carriers and sources disagree, staff can correct it."""

    carrier = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.UNKNOWN)
    retry = models.CharField(max_length=21, choices=Retry.choices, default=Retry.PERMANENT)
    fix = models.TextField(
        "what to do",
        blank=True,
        default="",
        db_default="",
        help_text="What someone has to do before the text can be resent. People see this.",
    )
    source = models.TextField(blank=True)
    known = models.BooleanField(default=True, help_text="Off until someone classifies a new code.")
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    changed = models.DateTimeField(auto_now=True)
    reminded = models.DateTimeField(
        null=True, editable=False, help_text="When staff last got an email about it."
    )

    class Meta:
        constraints = [
            UniqueConstraint(fields=["carrier", "code"], name="carrier_code"),
            models.CheckConstraint(
                name="carrier_code_reason", condition=Q(reason__in=Reason.values)
            ),
            models.CheckConstraint(name="carrier_code_retry", condition=Q(retry__in=Retry.values)),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.code}"

    @property
    def why(self) -> Reason:
        return Reason(self.reason)

    @property
    def searched(self) -> str:
        """Return what a search for codes looks through."""
        return " ".join([self.code, self.title, self.why.label, self.fix]).casefold()

    def clean(self) -> None:
        if self.retry == Retry.UNTIL_FIXED and not self.fix.strip():
            raise ValidationError({"fix": "Say what has to be fixed."})


class Reclassification(models.Model):
    """A code whose reason staff changed. The texts that failed with it follow, batch by batch."""

    code = models.ForeignKey(
        CarrierCode, on_delete=models.CASCADE, related_name="reclassifications"
    )
    old_reason = models.CharField(max_length=20, choices=Reason.choices)
    old_retry = models.CharField(max_length=21, choices=Retry.choices)
    was_known = models.BooleanField()
    new_reason = models.CharField(max_length=20, choices=Reason.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="undone_by"
    )
    # How far it got: the last attempt, and how many texts were updated.
    last_attempt = models.BigIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)
    finished = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reclassification_reasons",
                condition=Q(old_reason__in=Reason.values, new_reason__in=Reason.values),
            ),
            models.CheckConstraint(
                name="reclassification_retry", condition=Q(old_retry__in=Retry.values)
            ),
        ]
        indexes = [
            Index(fields=["id"], condition=Q(finished=None), name="reclassification_open"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.old_reason} → {self.new_reason}"

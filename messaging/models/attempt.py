import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.utils import timezone

from messaging.models.reason import Reason
from messaging.models.receipt import Receipt
from smscenter import request_id
from smscenter.accounts.models import Owned, OwnedQuerySet
from smscenter.database.leases import Leased, LeasedQuerySet

# Pages only poll for changes that happen soon.
SOON = timedelta(minutes=2)


# Both have `as_manager`, which the stubs give different types.
class AttemptQuerySet(LeasedQuerySet["Attempt"], OwnedQuerySet["Attempt"]):  # type: ignore[override]
    def with_codes(self, codes: Iterable[str]) -> Self:
        """Return attempts with one of these codes.

        SQLite only uses the index if its condition is in the query, word for word.
        """
        return self.exclude(code="").filter(code__in=codes)

    def with_carrier_ids(self, carrier: str, carrier_ids: Iterable[str]) -> Self:
        """Return the attempts that the carrier has under these IDs."""
        # SQLite uses the index only for a query that repeats the condition of the index.
        return self.filter(carrier=carrier, carrier_id__in=carrier_ids).exclude(carrier_id="")

    def unconfirmed(self) -> Self:
        """Return attempts that the carrier may or may not have: a person decides."""
        return self.filter(state=Attempt.State.UNCERTAIN)

    def cancel(self) -> "Attempt | None":
        """Delete the first of these attempts that's still queued, and return it."""
        # Locked, because a worker may be about to claim it.
        rows = self.filter(state=Attempt.State.QUEUED).select_for_update(of=("self",))
        attempt = rows.first()
        if attempt is not None:
            attempt.delete()
        return attempt


class Attempt(Leased, Owned):
    """One attempt to send a message through a carrier. A retry is a new attempt."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        ACCEPTED = "accepted", "Accepted by carrier"
        FAILED = "failed", "Failed"
        # The carrier may or may not have it, and can't say. A person decides.
        UNCERTAIN = "uncertain", "Unconfirmed"

    WAITS_AS = State.QUEUED
    OPEN = (State.QUEUED, State.SENDING, State.UNCERTAIN)

    message = models.ForeignKey(
        "messaging.SmsMessage", on_delete=models.CASCADE, db_index=False, related_name="attempts"
    )
    # The message's, copied by `save`, so that a claim finds what's due from one number.
    sender = models.ForeignKey(
        "messaging.SenderNumber",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    number = models.PositiveSmallIntegerField(default=1)
    # Our ID: the idempotency key at carriers that take one, and part of the callback's URL.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    carrier = models.CharField(max_length=20)
    # The sender number's when it was queued: a lookup has to ask the account that got the text.
    account = models.CharField(max_length=20, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(
        null=True, blank=True, help_text="When a worker first started sending it."
    )
    claims = models.PositiveSmallIntegerField(
        default=0, help_text="Number of times a worker claimed it."
    )
    questions = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Number of times a worker got no clear response and postponed the check.",
    )
    misses = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Number of times the carrier didn't have it."
    )
    carrier_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=60, blank=True, help_text="Carrier's error code.")
    carrier_words = models.TextField(blank=True, help_text="Carrier's message, word for word.")
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    receipt = models.CharField(max_length=10, choices=Receipt.choices, blank=True)
    raw = models.JSONField(default=dict, blank=True, help_text="Carrier's response, unchanged.")
    request_id = models.CharField(
        max_length=request_id.LONGEST,
        blank=True,
        default=request_id.current_request_id,
        help_text="ID of the web request that queued it, as in the logs.",
    )
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(fields=["message", "number"], name="attempt_number"),
            UniqueConstraint(
                fields=["carrier", "carrier_id"],
                condition=~Q(carrier_id=""),
                name="attempt_carrier_id",
            ),
            UniqueConstraint(
                fields=["message"],
                condition=Q(state__in=["queued", "sending", "uncertain"]),
                name="attempt_one_open",
            ),
            models.CheckConstraint(
                name="attempt_state",
                condition=Q(state__in=["queued", "sending", "accepted", "failed", "uncertain"]),
            ),
            models.CheckConstraint(
                name="attempt_reason", condition=Q(reason__in=["", *Reason.values])
            ),
            models.CheckConstraint(
                name="attempt_receipt",
                condition=Q(receipt__in=["", "accepted", "delivered", "failed"]),
            ),
            models.CheckConstraint(
                name="attempt_lease",
                condition=~Q(state="sending") | Q(lease__isnull=False, lease_until__isnull=False),
            ),
        ]
        indexes = [
            # No index starts with `due`: the database could scan it for one number's first text.
            Index(
                fields=["sender", "due", "id"],
                condition=Q(state="queued"),
                name="attempt_sender_due",
            ),
            Index(fields=["lease_until"], condition=Q(state="sending"), name="attempt_leased"),
            Index(
                fields=["organization", "-created"],
                condition=Q(state="uncertain"),
                name="attempt_uncertain",
            ),
            # For codes that staff classify, and the texts that failed with them.
            Index(
                fields=["code", "id"],
                include=["carrier", "created"],
                condition=~Q(code=""),
                name="attempt_code",
            ),
            # For searches of messages with several attempts.
            Index(
                fields=["organization", "message"],
                condition=Q(number__gt=1),
                name="attempt_again",
            ),
            # True even if the message was resent since.
            Index(
                fields=["carrier", "created"],
                include=["organization", "message", "sender"],
                condition=Q(reason="spam"),
                name="attempt_spam",
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} of SMS {self.message_id}"

    def save(self, *args: Any, **options: Any) -> None:
        if self._state.adding and self.sender_id is None:
            self.sender_id = self.message.sender_id
        super().save(*args, **options)

    def is_waiting_retry(self, at: datetime) -> bool:
        """Return whether it's an automatic retry that hasn't started."""
        return self.state == self.State.QUEUED and self.number > 1 and self.due > at

    @property
    def is_cancelable(self) -> bool:
        """Return whether it waits, and its carrier can't have the text."""
        return self.state == self.State.QUEUED and self.started is None

    @property
    def takeovers(self) -> int:
        """Return how often a worker started it and disappeared. Valid while no worker has it."""
        return self.claims - self.questions

    @property
    def is_due(self) -> bool:
        """Return whether it's due now, or in a moment: Send can be undone for a few seconds."""
        return self.due <= timezone.now() + SOON

    def is_due_soon(self, at: datetime) -> bool:
        """Return whether it's being sent, or is about to be."""
        return self.state in {self.State.QUEUED, self.State.SENDING} and self.due < at + SOON

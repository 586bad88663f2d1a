"""Incoming texts that belong to no lead: an organization's inbox for unknown senders."""

from typing import Self

from django.db import models
from django.db.models import Exists, Index, OuterRef, Q

from leads.models import ContactPhone
from messaging.models import media
from messaging.models.carrier import CarrierEvent
from messaging.models.message import SmsMessage
from messaging.models.sender import SenderNumber
from smscenter.accounts.models import Owned, OwnedQuerySet


class UnmatchedTextQuerySet(OwnedQuerySet["UnmatchedText"]):
    def open(self) -> Self:
        """Return texts that nobody has dismissed or added to a lead."""
        return self.filter(state__in=UnmatchedText.OPEN)

    def with_lead(self) -> Self:
        """Return texts from numbers that a lead has now."""
        phones = ContactPhone.objects.filter(
            organization=OuterRef("organization"), phone=OuterRef("remote")
        )
        return self.filter(Exists(phones))


class UnmatchedText(Owned):
    """A text from an unknown number, a short code, or a name, as its carrier's event has it.

    A text from an unknown number that became a new lead has a row, too, to count new leads.
    """

    class Cause(models.TextChoices):
        NO_LEAD = "no_lead", "No lead has the number"
        LIMIT = "limit", "Too many new leads this hour"
        # Nobody can reply to these.
        NOT_A_NUMBER = "not_a_number", "Short code or name"
        NEW_LEAD = "new_lead", "Became a new lead"

    class State(models.TextChoices):
        UNREAD = "unread", "Unread"
        READ = "read", "Read"
        DISMISSED = "dismissed", "Dismissed"
        MATCHED = "matched", "Added to a lead"

    OPEN = (State.UNREAD, State.READ)

    sender = models.ForeignKey(
        SenderNumber, on_delete=models.PROTECT, related_name="+", verbose_name="sender number"
    )
    event = models.OneToOneField(
        CarrierEvent, on_delete=models.SET_NULL, null=True, related_name="unmatched"
    )
    message = models.ForeignKey(
        SmsMessage, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    remote = models.CharField(
        "from", max_length=64, help_text="Number in E.164, else as the carrier wrote it."
    )
    text = models.TextField(blank=True)
    media = models.JSONField(
        null=True, blank=True, help_text="Pictures and other files that came with it."
    )
    cause = models.CharField(max_length=12, choices=Cause.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNREAD)
    received = models.DateTimeField()
    updated = models.DateTimeField(auto_now=True)

    objects = UnmatchedTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unmatched_cause",
                condition=Q(cause__in=["no_lead", "limit", "not_a_number", "new_lead"]),
            ),
            models.CheckConstraint(
                name="unmatched_state",
                condition=Q(state__in=["unread", "read", "dismissed", "matched"]),
            ),
        ]
        indexes = [
            Index(
                fields=["organization", "-received"],
                condition=Q(state__in=["unread", "read"]),
                name="unmatched_open",
            ),
            Index(fields=["organization", "cause", "received"], name="unmatched_cause_received"),
            # The thread of an unknown number.
            Index(fields=["organization", "remote", "-received", "-id"], name="unmatched_remote"),
        ]

    def __str__(self) -> str:
        return f"{self.remote} ({self.get_state_display()})"

    @property
    def summary(self) -> str:
        """Return the text, or what came without one."""
        return media.summarize(self.text, self.media)

"""Texts counted by day, for the deliverability page: see messaging/deliverability/."""

from collections.abc import Collection
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q

from messaging.models.sender import SenderNumber
from smscenter.accounts.models import Organization, Owned, OwnedQuerySet, validate_time_zone


class TextCountQuerySet(OwnedQuerySet["TextCount"]):
    def of_days(self, days: Collection[date], *, together: bool = False) -> Self:
        """Return the counts of these days, by sender number and user, or of all together."""
        span = TextCount.Span.ALL_OF_DAY if together else TextCount.Span.DAY
        return self.filter(span=span, day__in=days)

    def of_months(self, months: Collection[date], *, together: bool = False) -> Self:
        """Return the counts of these months, which are given by their first days."""
        span = TextCount.Span.ALL_OF_MONTH if together else TextCount.Span.MONTH
        return self.filter(span=span, day__in=months)


class TextCount(Owned):
    """How many texts of a day, or of a month that's over, have one value of `by`.

    Days and hours are in the organization's time zone. Each text is counted once for each `by` that
    it has: those by reason are failed texts, and those by template and encoding are outgoing ones.
    The rows of `ALL_OF_DAY` and `ALL_OF_MONTH` count all users together, for pages without filters.
    Only those of `BY_SENDER` tell sender numbers apart.
    """

    class Span(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"
        ALL_OF_DAY = "all_day", "All of a day"
        ALL_OF_MONTH = "all_month", "All of a month"

    class By(models.TextChoices):
        ALL = "all", "All texts"
        HOUR = "hour", "Hour"
        REASON = "reason", "Reason"
        TEMPLATE = "template", "Template"
        ENCODING = "encoding", "Encoding"

    BY_SENDER = (By.ALL, By.REASON)

    span = models.CharField(max_length=9, choices=Span.choices)
    day = models.DateField(help_text="Or the first day of the month.")
    by = models.CharField(max_length=8, choices=By.choices)
    value = models.CharField(
        max_length=20, blank=True, help_text="A reason, an hour, an encoding, or a template's ID."
    )
    # A text's user and sender number can go away, and then its day is counted again.
    sender = models.ForeignKey(
        SenderNumber, on_delete=models.CASCADE, null=True, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    sent_segments = models.PositiveIntegerField(default=0)
    failed_segments = models.PositiveIntegerField(default=0)
    # More than the same number of plain characters would need.
    extra_segments = models.IntegerField(default=0)
    handled = models.PositiveIntegerField(default=0, help_text="Failed texts that were handled.")
    handled_seconds = models.BigIntegerField(
        default=0, help_text="From creating these texts until someone handled them."
    )

    objects = TextCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="text_count_span",
                condition=Q(span__in=["day", "month", "all_day", "all_month"]),
            ),
            models.CheckConstraint(
                name="text_count_by",
                condition=Q(by__in=["all", "hour", "reason", "template", "encoding"]),
            ),
        ]
        indexes = [
            Index(fields=["organization", "span", "by", "day"], name="text_count_by"),
            Index(fields=["sender", "by", "day"], name="text_count_sender"),
            # For what all organizations sent.
            Index(
                fields=["day"],
                include=["organization", "sender", "sent", "failed"],
                condition=Q(span="all_day", by="all"),
                name="text_count_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.by} {self.value}".strip()


class ChangedQuarter(models.Model):
    """A quarter of an hour whose texts changed since they were counted.

    Triggers insert these rows with the change itself, and never update one. So writers don't wait
    for each other, and who sees a row also sees what changed. Every time zone's days begin with a
    quarter of an hour.
    """

    # Without a constraint, for which every text would lock the row of its organization.
    organization = models.ForeignKey(
        Organization,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [Index(fields=["organization", "at"], name="changed_quarter")]

    def __str__(self) -> str:
        return f"{self.at}"


class CountedZone(models.Model):
    """The time zone in which an organization's texts were counted. Its row is locked to count."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="counted_zone"
    )
    time_zone = models.CharField(max_length=40, blank=True, validators=[validate_time_zone])

    def __str__(self) -> str:
        return self.time_zone

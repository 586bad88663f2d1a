"""Alerts about failed and waiting texts, their limits, and the weekly summary."""

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.utils import timezone

from smscenter.accounts.models import Organization, Owned, OwnedQuerySet

PERCENT: list[Any] = [MinValueValidator(1), MaxValueValidator(100)]
POSITIVE: list[Any] = [MinValueValidator(1)]


class AlertSettings(models.Model):
    """When an organization gets alerts. Without a row, the defaults apply."""

    organization = models.OneToOneField(
        Organization, on_delete=models.CASCADE, related_name="alert_settings"
    )
    enabled = models.BooleanField("alerts", default=True)
    hours = models.PositiveSmallIntegerField(
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(72)],
        help_text="How many hours of texts to look at.",
    )
    fewest = models.PositiveIntegerField(
        "fewest failed texts",
        default=10,
        validators=POSITIVE,
        help_text="With fewer failed texts, there's no alert, whatever the rate is.",
    )
    reason_percent = models.PositiveSmallIntegerField(
        "one reason", default=5, validators=PERCENT, help_text="Percent of all texts."
    )
    sender_percent = models.PositiveSmallIntegerField(
        "one sender number", default=15, validators=PERCENT, help_text="Percent of its texts."
    )
    carrier_percent = models.PositiveSmallIntegerField(
        "one carrier", default=15, validators=PERCENT, help_text="Percent of its texts."
    )
    waiting_minutes = models.PositiveIntegerField(
        "texts that wait",
        default=15,
        validators=POSITIVE,
        help_text="Minutes after which texts should have been sent.",
    )
    codes = models.BooleanField(
        "unclassified codes",
        default=True,
        help_text="When texts fail with a carrier's code that nobody has classified.",
    )

    class Meta:
        verbose_name_plural = "alert settings"

    def __str__(self) -> str:
        return f"Alerts of {self.organization}"

    @classmethod
    def of(cls, organization: Organization) -> Self:
        return cls.objects.filter(organization=organization).first() or cls(
            organization=organization
        )


class AlertQuerySet(OwnedQuerySet["Alert"]):
    def open(self) -> Self:
        return self.filter(ended=None)


class Alert(Owned):
    """That something is wrong, from when it was noticed until it was over.

    `subject` is a reason, a sender number's ID, or a carrier. The numbers are those of the texts
    when it began.
    """

    class Cause(models.TextChoices):
        CODES = "codes", "Unclassified codes"
        REASON = "reason", "Failures with one reason"
        SENDER = "sender", "Failures of one sender number"
        CARRIER = "carrier", "Failures of one carrier"
        WAITING = "waiting", "Texts that wait"

    cause = models.CharField(max_length=8, choices=Cause.choices)
    subject = models.CharField(max_length=20, blank=True)
    started = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField(help_text="When the texts begin that it's about.")
    ended = models.DateTimeField(null=True, blank=True)
    failed = models.PositiveIntegerField(default=0, help_text="Or waiting, for texts that wait.")
    texts = models.PositiveIntegerField(default=0)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["organization", "cause", "subject"],
                condition=Q(ended=None),
                name="alert_one_open",
            ),
            models.CheckConstraint(
                name="alert_cause",
                condition=Q(cause__in=["codes", "reason", "sender", "carrier", "waiting"]),
            ),
        ]
        indexes = [Index(fields=["organization", "-started"], name="alert_started")]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.subject}".strip()

    @property
    def percent(self) -> float:
        return 100 * self.failed / self.texts if self.texts else 0.0


class WeeklySummary(Owned):
    """How an organization's texts went in a week. The emails to its people are about it."""

    monday = models.DateField()
    figures = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "weekly summaries"
        constraints = [UniqueConstraint(fields=["organization", "monday"], name="weekly_summary")]

    def __str__(self) -> str:
        return f"Week of {self.monday}"

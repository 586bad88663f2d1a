from typing import Self

from django.db import models
from django.db.models import Q, UniqueConstraint


class CarrierHealthQuerySet(models.QuerySet["CarrierHealth"]):
    def paused(self) -> Self:
        return self.exclude(pause="")


class CarrierHealth(models.Model):
    """Whether a carrier responds. While it's paused, its texts wait.

    There's no row for a carrier that never failed, and no write for a text that's sent.
    """

    class Pause(models.TextChoices):
        NONE = "", "Running"
        OUTAGE = "outage", "Not responding"
        CREDENTIALS = "credentials", "Credentials rejected"

    carrier = models.CharField(max_length=20)
    # For carriers with several accounts. Empty for the only one.
    account = models.CharField(max_length=64, blank=True, default="", db_default="")
    pause = models.CharField(max_length=12, choices=Pause.choices, blank=True, default="")
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since the last success.")
    since = models.DateTimeField(
        null=True, blank=True, help_text="When the first of these failures happened."
    )
    probe_at = models.DateTimeField(
        "next probe", null=True, blank=True, help_text="When one text is sent to try again."
    )
    probes = models.PositiveIntegerField(default=0, help_text="Failed probes of this pause.")
    status = models.PositiveSmallIntegerField(
        "HTTP status", default=0, help_text="Of the last failure. 0 if there was no response."
    )
    words = models.TextField("carrier message", blank=True, help_text="Of the last failure.")
    resumed = models.DateTimeField(null=True, blank=True, help_text="When the last pause ended.")
    notified = models.BooleanField(
        default=False, help_text="Whether staff have been emailed about the current pause."
    )

    objects = CarrierHealthQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "carrier health"
        constraints = [
            UniqueConstraint(fields=["carrier", "account"], name="carrier_health"),
            models.CheckConstraint(
                name="carrier_health_pause",
                condition=Q(pause="")
                | Q(
                    pause__in=["outage", "credentials"], since__isnull=False, probe_at__isnull=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.account}".strip()

    @property
    def is_paused(self) -> bool:
        return self.pause != self.Pause.NONE

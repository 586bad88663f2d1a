from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint

from messaging.models.reason import Reason


class CarrierPrice(models.Model):
    """What a carrier charges for texts, in US dollars.

    A failed text whose reason has no price of its own costs what failed texts without a reason do.
    Prices ship in carriers' folders (`prices.csv`), and administrators can change them.
    """

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    carrier = models.CharField(max_length=20, help_text="As in the code map.")
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    reason = models.CharField(
        max_length=20,
        choices=Reason.choices,
        blank=True,
        help_text="Leave empty for all reasons without a price of their own.",
    )
    per_segment = models.DecimalField(max_digits=8, decimal_places=5, default=0)
    per_text = models.DecimalField(max_digits=8, decimal_places=5, default=0)
    as_of = models.DateField("valid since")
    source = models.TextField(blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    # An update of the software leaves these prices as they are.
    changed = models.DateTimeField("changed by staff", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["carrier", "-outcome", "reason"]
        constraints = [
            UniqueConstraint(fields=["carrier", "outcome", "reason"], name="carrier_price"),
            models.CheckConstraint(
                name="carrier_price_outcome", condition=Q(outcome__in=["sent", "failed"])
            ),
            models.CheckConstraint(
                name="carrier_price_reason", condition=Q(reason__in=["", *Reason.values])
            ),
            models.CheckConstraint(
                name="carrier_price_positive", condition=Q(per_segment__gte=0, per_text__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.outcome} {self.reason}".strip()

from django.conf import settings
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.utils import timezone

from smscenter.accounts.models import Owned


class ReceivedMail(Owned):
    """A reply by email that was processed, so that the same one isn't processed again.

    What it said is in the history of the request.
    """

    class Outcome(models.TextChoices):
        ADDED = "added", "Added to the request"
        REFUSED = "refused", "Refused, and the sender notified"

    request = models.ForeignKey(
        "support.SupportRequest",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="received_mails",
    )
    # The person whose reply address it was sent to.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    key = models.CharField(max_length=64, help_text="SHA-256 of its Message-ID.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    received = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "received email"
        constraints = [
            UniqueConstraint(fields=["request", "key"], name="received_mail_key"),
            models.CheckConstraint(
                name="received_mail_outcome",
                condition=Q(outcome__in=["added", "refused"]),
            ),
        ]
        indexes = [Index(fields=["received"], name="received_mail_received")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} ({self.user or 'a former user'})"

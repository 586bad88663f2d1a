"""What each organization defines for its own leads: statuses and custom fields."""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.db.models.functions import Lower

from smscenter.accounts.models import Owned, OwnedQuerySet


class LeadStatus(Owned):
    label = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet["LeadStatus"].as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "lead statuses"
        constraints = [
            UniqueConstraint("organization", Lower("label"), name="lead_status_label"),
            UniqueConstraint(fields=["id", "organization"], name="lead_status_organization"),
        ]

    def __str__(self) -> str:
        return self.label


class CustomField(Owned):
    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"
        USER = "user", "User"

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True, help_text="For a choice: its values.")
    position = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet["CustomField"].as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            UniqueConstraint("organization", Lower("name"), name="custom_field_name"),
            models.CheckConstraint(
                name="custom_field_kind",
                condition=Q(kind__in=["text", "number", "date", "choice", "user"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

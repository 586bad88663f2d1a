"""Statuses and custom fields that an organization defines for its leads."""

from typing import Any

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from smscenter.accounts.models import Owned, OwnedQuerySet, User


class LeadStatus(Owned):
    class Color(models.TextChoices):
        """The color of the dot next to the label: `--dot` in lists.css."""

        GRAY = "gray", "Gray"
        BLUE = "blue", "Blue"
        PURPLE = "purple", "Purple"
        GREEN = "green", "Green"
        ORANGE = "orange", "Orange"
        PINK = "pink", "Pink"
        TEAL = "teal", "Teal"
        BROWN = "brown", "Brown"

    label = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    color = models.CharField(
        max_length=6, choices=Color.choices, default=Color.GRAY, db_default=Color.GRAY
    )

    objects = OwnedQuerySet["LeadStatus"].as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "lead statuses"
        constraints = [
            UniqueConstraint("organization", Lower("label"), name="lead_status_label"),
            UniqueConstraint(fields=["id", "organization"], name="lead_status_organization"),
            models.CheckConstraint(
                name="lead_status_color",
                condition=Q(
                    color__in=[
                        "gray",
                        "blue",
                        "purple",
                        "green",
                        "orange",
                        "pink",
                        "teal",
                        "brown",
                    ]
                ),
            ),
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
    choices = models.JSONField(
        default=list, blank=True, help_text="Values to choose from, for the kind Choice."
    )
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

    def shown(self, value: Any) -> str:
        """Return a lead's value of this field for display, or an empty string."""
        if value is None:
            return ""
        if self.kind == self.Kind.DATE:
            date = parse_date(str(value))
            return date_format(date, "M j, Y") if date else str(value)
        if self.kind == self.Kind.USER:
            members = User.objects.filter(organization=self.organization_id)
            return str(members.filter(pk=value).first() or "")
        if self.kind == self.Kind.NUMBER:
            return f"{value:,}"
        return str(value)

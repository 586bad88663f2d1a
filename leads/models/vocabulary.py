"""Statuses and custom fields that an organization defines for its leads."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Max, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.dateparse import parse_date

from smscenter import moments
from smscenter.accounts.models import Owned, OwnedQuerySet, User, hidden_rows

KEPT = timedelta(days=30)


class VocabularyQuerySet(OwnedQuerySet[Any]):
    def removed_of(self, organization: Any) -> Self:
        """Return what was removed and can still be restored, the last removed first."""
        rows = self.filter(organization=organization, removed__gt=timezone.now() - KEPT)
        return rows.order_by("-removed")


class Vocabulary(Owned):
    """A status or a field, in an order that people choose.

    A removed one is hidden for 30 days, and then deleted (leads/changing/removing.py).
    """

    position = models.PositiveSmallIntegerField(default=0)
    removed = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def kept_until(self) -> datetime | None:
        return self.removed and self.removed + KEPT

    def put_last(self) -> None:
        rows = type(self)._default_manager.filter(organization=self.organization_id)
        last = rows.aggregate(last=Max("position"))["last"]
        self.position = 0 if last is None else last + 1

    def move_to(self, index: int) -> None:
        """Move it to this place among those in use. A place beyond the ends is the nearest."""
        rows = type(self)._default_manager.select_for_update()
        with transaction.atomic():
            others = list(rows.filter(organization=self.organization_id, removed=None))
            others.remove(self)
            others.insert(max(0, index), self)
            for position, row in enumerate(others):
                row.position = position
            type(self)._default_manager.bulk_update(others, ["position"])


@hidden_rows.register
def removed(model: type[models.Model], _organization: Any) -> Q | None:
    """Return the condition for a removed status or field."""
    return Q(removed__isnull=False) if issubclass(model, Vocabulary) else None


class LeadStatus(Vocabulary):
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
    color = models.CharField(
        max_length=6, choices=Color.choices, default=Color.GRAY, db_default=Color.GRAY
    )

    # What changed its leads to another status when it was removed.
    replacement = models.ForeignKey(
        "leads.BulkChange",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
    )

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


class CustomField(Vocabulary):
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
    # In `Lead.custom`. Empty for the name: a field keeps its key when it's renamed.
    own_key = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)

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

    @property
    def key(self) -> str:
        """Return the key of its values in `Lead.custom`."""
        return self.own_key or self.name

    def rename(self, name: str) -> None:
        """Change the name. The values stay where they are."""
        self.own_key, self.name = self.key, name

    def shown(self, value: Any) -> str:
        """Return a lead's value of this field for display, or an empty string."""
        if value is None:
            return ""
        if self.kind == self.Kind.DATE:
            date = parse_date(str(value))
            return moments.calendar_day(date) if date else str(value)
        if self.kind == self.Kind.USER:
            members = User.objects.filter(organization=self.organization_id)
            return str(members.filter(pk=value).first() or "")
        if self.kind == self.Kind.NUMBER:
            return f"{value:,}"
        return str(value)

"""Erasures of a person's data on request, and the receipts of them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet


class ErasureQuerySet(OwnedQuerySet["Erasure"]):
    def in_work(self) -> Self:
        return self.filter(finished=None)

    def of_lead(self, lead: int | None) -> Self:
        return self.filter(lead_number=lead)


class Erasure(Owned):
    """An erasure of a person's data, which a worker does part by part (leads/erasing/).

    What's left is the receipt: what was erased, when, and by whom. `person` says whose data it is
    only until the erasure is finished. `part` and `after` are where to continue.
    """

    # No foreign key: the receipt stays when the lead is deleted or merged.
    lead_number = models.BigIntegerField(help_text="ID of the lead.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_by_name = models.CharField(max_length=160, blank=True)
    created = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True, blank=True)
    person: Any = models.JSONField(default=dict, editable=False)
    part = models.PositiveSmallIntegerField(default=0, editable=False)
    after = models.BigIntegerField(default=0, editable=False)
    counts: Any = models.JSONField(default=dict, help_text="How many of what were erased.")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="erasure_created"),
            Index(fields=["id"], condition=Q(finished=None), name="erasure_in_work"),
        ]

    def __str__(self) -> str:
        return f"Erasure {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("erasure_detail", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.finished is not None

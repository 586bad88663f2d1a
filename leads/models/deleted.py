"""Deleted leads, which can be restored for 30 days, and what nobody can see until then."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.utils import timezone

from leads.models.lead import Lead
from leads.models.merge import LeadMerge
from smscenter.accounts.models import Owned, OwnedQuerySet, hidden_rows

KEPT = timedelta(days=30)


class DeletedLeadQuerySet(OwnedQuerySet["DeletedLead"]):
    def restorable(self) -> Self:
        """Return those that people deleted. A merged lead comes back when the merge is undone."""
        return self.filter(merge=None, created__gt=timezone.now() - KEPT)


class DeletedLead(Owned):
    """A lead that someone deleted, or merged into another one. Nobody sees its rows."""

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="deletion")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    merge = models.ForeignKey(
        LeadMerge, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField("deleted", default=timezone.now)

    objects = DeletedLeadQuerySet.as_manager()

    class Meta:
        indexes = [
            Index(fields=["organization", "-created", "-id"], include=["lead"], name="deleted_lead")
        ]

    def __str__(self) -> str:
        return str(self.lead)

    @property
    def kept_until(self) -> datetime:
        return self.created + KEPT


@cache
def path_to_lead(model: type[models.Model]) -> str:
    """Return the lookup of the lead that rows belong to, such as `contact__lead`; empty if none."""
    if model is Lead:
        return "pk"
    parents = [each for each in model._meta.concrete_fields if isinstance(each, models.ForeignKey)]
    parents = [each for each in parents if each.related_model is not model]
    if direct := next((each for each in parents if each.related_model is Lead), None):
        return str(direct.name)
    owners = [each for each in parents if each.remote_field.on_delete is models.CASCADE]
    paths = ((each.name, path_to_lead(each.related_model)) for each in owners)
    return next((f"{name}__{path}" for name, path in paths if path), "")


@hidden_rows.register
def of_deleted_leads(model: type[models.Model], organization: Any) -> Q | None:
    """Return the condition for a row of a deleted lead.

    `NOT IN` reads the few deleted leads once. A join would look up each row, and need more columns
    than the indexes of the lists have.
    """
    path = "" if model is DeletedLead else path_to_lead(model)
    deleted = DeletedLead.objects.filter(organization_id=organization).values("lead")
    return Q(**{f"{path}__in": deleted}) if path else None

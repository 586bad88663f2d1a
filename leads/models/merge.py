from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone

from leads.models.lead import Lead
from smscenter.accounts.models import Owned, OwnedQuerySet

UNDO = timedelta(days=1)


class LeadMerge(Owned):
    """The record of a merge: everything of `source` was moved to `lead`.

    `moves` are the changed foreign keys and `former` the lead's values from before, so that the
    merge can be undone for a day. So are `singles`, the rows that a lead has only one of, before
    and after the merge. See leads/changing/merging.py.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="merges")
    source = models.ForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+")
    source_name = models.CharField(max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    moves = models.JSONField(default=list, editable=False)
    former: Any = models.JSONField(default=dict, editable=False)
    singles = models.JSONField(default=list, editable=False)
    created = models.DateTimeField("merged", default=timezone.now)
    undone = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = OwnedQuerySet["LeadMerge"].as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["id", "organization"], name="merge_organization")]

    def __str__(self) -> str:
        return f"{self.source_name} into {self.lead}"

    def can_be_undone(self, at: datetime | None = None) -> bool:
        now = at or timezone.now()
        return self.undone is None and self.source_id is not None and now < self.created + UNDO

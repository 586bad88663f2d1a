from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, UniqueConstraint

from leads.models.lead import Lead
from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.database.prepared import Prepared, by_ids


@Prepared
def _seen(lead: int, organization: int, user: int) -> QuerySet[Any, Any]:
    rows = LeadVisit.objects.filter(lead=by_ids(Lead, lead, organization), user=user)
    return rows.values_list("seen")


class LeadVisitQuerySet(OwnedQuerySet["LeadVisit"]):
    def record(self, lead: Lead, user: User, newest: datetime | None) -> datetime | None:
        """Record that the user saw the newest activity. Return what was recorded before.

        It writes only if there's something new, so reading a page again costs one query.
        """
        rows = _seen(lead.pk, lead.organization_id, user.pk)
        before: datetime | None = rows[0][0] if rows else None
        if newest is not None and (before is None or before < newest):
            visit = LeadVisit(
                organization_id=lead.organization_id, lead=lead, user=user, seen=newest
            )
            keys, columns = ["lead", "user"], ["seen"]
            self.bulk_create(
                [visit], update_conflicts=True, unique_fields=keys, update_fields=columns
            )
        return before


class LeadVisit(Owned):
    """Up to which activity a person has seen a lead's timeline."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    seen = models.DateTimeField(help_text="When the newest activity was created.")

    objects = LeadVisitQuerySet.as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["lead", "user"], name="lead_visit")]
        indexes = [models.Index(fields=["user"], name="lead_visit_user")]

    def __str__(self) -> str:
        return f"{self.user} at {self.lead}"

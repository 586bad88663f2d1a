from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint

from leads.models.lead import Lead
from smscenter.accounts.models import Owned, OwnedQuerySet, User


class LeadVisitQuerySet(OwnedQuerySet["LeadVisit"]):
    def record(self, lead: Lead, user: User, newest: datetime | None) -> datetime | None:
        """Record that the user saw the newest activity. Return what was recorded before.

        It writes only if there's something new, so reading a page again costs one query.
        """
        rows = self.filter(lead=lead, user=user)
        before = rows.values_list("seen", flat=True).first()
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

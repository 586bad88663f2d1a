"""The numbers in custom fields of leads, by which searches find and sort them."""

from django.db import models
from django.db.models import Index, UniqueConstraint

from leads.models.lead import Lead
from smscenter.accounts.models import Owned, OwnedQuerySet


class LeadNumber(Owned):
    """A number of `Lead.custom`, or the ID of a user there.

    Written by database triggers only (see `numbers_*.sql` of the migrations). It's a table of its
    own, so that an index has its order, and a text message, which changes its lead, doesn't write
    that index.
    """

    # A trigger deletes the row with its lead.
    lead = models.ForeignKey(Lead, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    key = models.CharField(max_length=80)
    value = models.FloatField()

    objects = OwnedQuerySet["LeadNumber"].as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["lead", "key"], name="lead_number")]
        indexes = [Index(fields=["organization", "key", "value", "lead"], name="lead_number_order")]

    def __str__(self) -> str:
        return f"{self.key} {self.value}"

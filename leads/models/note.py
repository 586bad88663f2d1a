from django.conf import settings
from django.db import models
from django.db.models import Index
from django.utils import timezone

from leads.models.lead import Lead
from smscenter.accounts.models import Owned, OwnedQuerySet


class Note(Owned):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="notes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField()
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet["Note"].as_manager()

    class Meta:
        indexes = [
            Index(fields=["lead", "-created", "-id"], name="note_lead_created"),
            Index(fields=["organization", "-created"], name="note_organization_created"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

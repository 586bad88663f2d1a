"""Consent: what a person agreed to, as evidence."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from messaging.models.recipient import Recipient
from smscenter.accounts.models import Organization, Owned, OwnedQuerySet, User


class ConsentQuerySet(OwnedQuerySet["Consent"]):
    def record(  # noqa: PLR0913 - the fields of the row
        self,
        organization: Organization,
        phone: str,
        *,
        method: str,
        wording: str,
        recorded_by: User | None = None,
        page: str = "",
    ) -> "Consent":
        """Record new consent as evidence, and end the person's opt-outs of this organization."""
        recipient = Recipient.objects.for_phone(organization, phone)
        consent = self.create(
            organization=organization,
            recipient=recipient,
            method=method,
            wording=wording,
            page=page,
            recorded_by=recorded_by,
        )
        recipient.opt_outs.end(f"New consent: {method}")
        return consent


class Consent(Owned):
    """A person's agreement to be texted, as evidence: who, when, how, the wording, the page."""

    recipient = models.ForeignKey(
        Recipient, on_delete=models.CASCADE, db_index=False, related_name="consents"
    )
    given = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=120)
    wording = models.TextField(blank=True)
    page = models.URLField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["recipient"], name="consent_recipient")]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.method})"

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Index, Q
from django.utils import timezone

from messaging.models import SenderNumber
from smscenter import moments
from smscenter.accounts.models import Owned, OwnedQuerySet


class WhitelistingQuerySet(OwnedQuerySet["Whitelisting"]):
    def in_force(self, at: datetime | None = None) -> Self:
        now = at or timezone.now()
        return self.filter(Q(expires=None) | Q(expires__gt=now), revoked=None, granted__lte=now)

    def others_for(self, whitelisting: "Whitelisting") -> Self:
        """Return other active whitelistings of the same number and carrier: it was renewed."""
        same = self.in_force().filter(sender=whitelisting.sender_id, carrier=whitelisting.carrier)
        return same.exclude(pk=whitelisting.pk).select_related("request__created_by")

    def in_use(self) -> Self:
        """Return those in force at the carrier that the number uses now."""
        return self.in_force().filter(carrier=F("sender__carrier"))


class Whitelisting(Owned):
    """A carrier's promise to let texts from a number pass its spam filter. Past errors stay."""

    sender = models.ForeignKey(
        SenderNumber, on_delete=models.PROTECT, db_index=False, related_name="whitelistings"
    )
    carrier = models.CharField(max_length=20)
    request = models.OneToOneField(
        "support.SupportRequest", on_delete=models.PROTECT, related_name="whitelisting"
    )
    granted = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    expiry_notified = models.BooleanField(default=False, editable=False)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revocation = models.TextField(blank=True, help_text="Reason the requester sees.")

    objects = WhitelistingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="whitelisting_expires",
                condition=Q(expires=None) | Q(expires__gt=F("granted")),
                violation_error_message="The expiration date must be after the start date.",
            ),
            models.CheckConstraint(
                name="whitelisting_revoked",
                condition=Q(revoked=None) | Q(revoked__gte=F("granted")),
                violation_error_message="The revocation date can't be before the start date.",
            ),
        ]
        indexes = [
            Index(fields=["organization", "sender", "carrier"], name="whitelisting_sender"),
            Index(
                fields=["expires"],
                condition=Q(revoked=None, expiry_notified=False),
                name="whitelisting_expires_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} at {self.carrier}"

    @property
    def period(self) -> str:
        """Return when it began, and when it ends if that is known."""
        days = [moments.day(end) for end in self._ends]
        return f"Since {days[0]}." if len(days) == 1 else f"Since {days[0]}, until {days[1]}."

    @property
    def _ends(self) -> list[datetime]:
        return [self.granted, *([self.expires] if self.expires else [])]

    def is_in_force(self, at: datetime | None = None) -> bool:
        now = at or timezone.now()
        has_expired = self.expires is not None and self.expires <= now
        return self.revoked is None and self.granted <= now and not has_expired

    @property
    def has_moved(self) -> bool:
        """Return whether the number uses another carrier now, where this doesn't apply."""
        return self.carrier != self.sender.carrier

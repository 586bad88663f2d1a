from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Index, Q
from django.utils import timezone

from messaging.models import SenderNumber
from smscenter.accounts.models import Owned, OwnedQuerySet


class WhitelistingQuerySet(OwnedQuerySet["Whitelisting"]):
    def in_force(self, at: datetime | None = None) -> Self:
        now = at or timezone.now()
        return self.filter(Q(expires=None) | Q(expires__gt=now), revoked=None, granted__lte=now)


class Whitelisting(Owned):
    """A carrier lets texts of this number pass its filter. It may end, and erases no past error."""

    sender = models.ForeignKey(
        SenderNumber, on_delete=models.PROTECT, db_index=False, related_name="whitelistings"
    )
    carrier = models.CharField(max_length=20)
    request = models.OneToOneField(
        "support.Request", on_delete=models.PROTECT, related_name="whitelisting"
    )
    granted = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    objects = WhitelistingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="whitelisting_expires",
                condition=Q(expires=None) | Q(expires__gt=F("granted")),
                violation_error_message="It cannot expire before it is granted.",
            ),
            models.CheckConstraint(
                name="whitelisting_revoked",
                condition=Q(revoked=None) | Q(revoked__gte=F("granted")),
                violation_error_message="It cannot be revoked before it is granted.",
            ),
        ]
        indexes = [Index(fields=["organization", "sender", "carrier"], name="whitelisting_sender")]

    def __str__(self) -> str:
        return f"{self.sender} at {self.carrier}"

    def is_in_force(self, at: datetime | None = None) -> bool:
        now = at or timezone.now()
        has_expired = self.expires is not None and self.expires <= now
        return self.revoked is None and self.granted <= now and not has_expired

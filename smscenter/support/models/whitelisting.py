from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Index, Q
from django.utils import timezone

from messaging.models import SenderNumber
from smscenter import moments
from smscenter.accounts.models import Owned, OwnedQuerySet, User
from smscenter.support.mail import letters
from smscenter.support.models.states import LONGEST_NOTE, MoveError, clean, is_reviewer
from smscenter.support.models.support_request_event import SupportRequestEvent

# At a time.
MOST_TOLD = 100


class WhitelistingQuerySet(OwnedQuerySet["Whitelisting"]):
    def in_force(self, at: datetime | None = None) -> Self:
        now = at or timezone.now()
        return self.filter(Q(expires=None) | Q(expires__gt=now), revoked=None, granted__lte=now)

    def tell_expiries(self, at: datetime | None = None) -> int:
        """Tell the requesters of those that have expired, each once. Answers how many it told."""
        now = at or timezone.now()
        rows = self.filter(expires__lte=now, revoked=None, expiry_told=False)
        chosen = rows.select_related("request__created_by", "sender")[:MOST_TOLD]
        return sum(whitelisting.tell_expiry() for whitelisting in chosen)

    def beside(self, whitelisting: "Whitelisting") -> Self:
        """Others in force of the same number at the same carrier: it was renewed."""
        same = self.in_force().filter(sender=whitelisting.sender_id, carrier=whitelisting.carrier)
        return same.exclude(pk=whitelisting.pk).select_related("request__created_by")

    def in_use(self) -> Self:
        """In force at the carrier that its number sends over now."""
        return self.in_force().filter(carrier=F("sender__carrier"))


class Whitelisting(Owned):
    """A carrier lets texts of this number pass its filter. It may end, and erases no past error."""

    sender = models.ForeignKey(
        SenderNumber, on_delete=models.PROTECT, db_index=False, related_name="whitelistings"
    )
    carrier = models.CharField(max_length=20)
    request = models.OneToOneField(
        "support.SupportRequest", on_delete=models.PROTECT, related_name="whitelisting"
    )
    granted = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    expiry_told = models.BooleanField(default=False, editable=False)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revocation = models.TextField(blank=True, help_text="The reason, as the requester reads it.")

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
        indexes = [
            Index(fields=["organization", "sender", "carrier"], name="whitelisting_sender"),
            Index(
                fields=["expires"],
                condition=Q(revoked=None, expiry_told=False),
                name="whitelisting_expires_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} at {self.carrier}"

    @property
    def period(self) -> str:
        """Since when, and until when if that is known."""
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
        """The number sends over another carrier now, which knows nothing of this."""
        return self.carrier != self.sender.carrier

    def end_on(self, expires: datetime | None, by: User) -> SupportRequestEvent:
        """Let it expire then, of which the requester is told again. Raises MoveError."""
        with transaction.atomic():
            rows = Whitelisting.objects.filter(pk=self.pk, revoked=None)
            if not rows.update(expires=expires, expiry_told=False):
                raise MoveError("This whitelisting is no longer active.")
            self.expires, self.expiry_told = expires, False
            note = "The whitelisting doesn't expire."
            if expires is not None:
                note = f"The whitelisting expires on {moments.day(expires)}."
            return self.request.record(SupportRequestEvent.Kind.NOTE, by, note)

    def revoke(self, by: User, reason: str) -> SupportRequestEvent:
        """End it with a reason, which the requester is told. Raises MoveError.

        A carrier takes back the number: all that whitelist it there end together.
        """
        reason, now = clean(reason), timezone.now()
        if not is_reviewer(by):
            raise MoveError("Only support staff can revoke a whitelisting.")
        if not reason or len(reason) > LONGEST_NOTE:
            raise MoveError(f"Enter a reason of up to {LONGEST_NOTE:,} characters.")
        with transaction.atomic():
            rows = Whitelisting.objects.in_force(now).filter(pk=self.pk)
            if not rows.update(revoked=now, revoked_by=by, revocation=reason):
                raise MoveError("This whitelisting is no longer active.")
            event = self.request.record(
                SupportRequestEvent.Kind.NOTE, by, f"The whitelisting was revoked. {reason}"
            )
            letters.about_revocation(self.request, event, reason)
            for other in Whitelisting.objects.beside(self):
                other.revoke(by, reason)
        self.revoked, self.revoked_by, self.revocation = now, by, reason
        return event

    def tell_expiry(self) -> bool:
        """Write into the history that it has expired, and to the requester. Once, whoever asks."""
        with transaction.atomic():
            rows = Whitelisting.objects.filter(pk=self.pk, expiry_told=False, revoked=None)
            if not rows.filter(expires=self.expires).update(expiry_told=True):
                return False
            if Whitelisting.objects.beside(self).exists():
                return False
            note = "The whitelisting has expired."
            event = self.request.record(SupportRequestEvent.Kind.NOTE, None, note)
            letters.about_expiry(self.request, event)
        return True

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Index, Q
from django.utils import timezone

from smscenter.accounts.models import Owned, OwnedQuerySet
from smscenter.leases import Leased, LeasedQuerySet

# Longer than a session with a mail server that uses up the timeout for each response.
LEASE = timedelta(minutes=10)
# Wait this long after each temporary failure. After the last one, the mail has failed.
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))


# Both have `as_manager`, which the stubs give different types.
class MailQuerySet(LeasedQuerySet["Mail"], OwnedQuerySet["Mail"]):  # type: ignore[override]
    def unsent(self) -> Self:
        return self.filter(state__in=[Mail.State.WAITING, Mail.State.SENDING])

    def claim_next(self, at: datetime | None = None) -> "Mail | None":
        """Claim the mail that has been due longest."""
        now = at or timezone.now()
        if not self.claimable(now).exists():
            return None
        lease, until, tries = uuid.uuid4(), now + LEASE, F("tries") + 1
        for mail in self.claim(1, at=now, until=until, lease=lease, tries=tries):
            mail.tries += 1
            return mail
        return None


class Mail(Leased, Owned):
    """A mail about a request, saved in the transaction that it reports. It never changes."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    WAITS_AS = State.WAITING

    request = models.ForeignKey(
        "support.SupportRequest", on_delete=models.CASCADE, db_index=False, related_name="mails"
    )
    # Its entry in the history of the request.
    event = models.OneToOneField(
        "support.SupportRequestEvent", on_delete=models.CASCADE, related_name="mail"
    )
    # The same for each try, so that mail servers recognize duplicates.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField()
    # Where replies land in the request. If it's empty, they go to people.
    reply_to = models.EmailField(blank=True, default="", db_default="")
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True, help_text="Last response from the mail server.")
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
        constraints = [
            models.CheckConstraint(
                name="mail_state", condition=Q(state__in=["waiting", "sending", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="mail_lease",
                condition=~Q(state="sending") | Q(lease__isnull=False, lease_until__isnull=False),
            ),
        ]
        indexes = [
            Index(fields=["request", "created"], name="mail_request"),
            Index(fields=["due", "id"], condition=Q(state="waiting"), name="mail_due"),
            Index(fields=["lease_until"], condition=Q(state="sending"), name="mail_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.to})"

    @property
    def retry_at(self) -> datetime | None:
        """Return when to try again, or None after the last try."""
        return timezone.now() + DELAYS[self.tries - 1] if self.tries <= len(DELAYS) else None

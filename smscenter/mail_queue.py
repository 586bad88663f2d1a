"""Mails that wait to be sent. The row in the database is the truth.

Apps subclass `QueuedMail`, save a mail in the transaction that it reports, and register a job that
calls `send_due`. The worker runs it every second in a separate thread, so a slow mail server never
delays texts.
"""

import uuid
from datetime import datetime, timedelta
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from typing import Any, Self, TypeVar

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.db.models import F, Index, Q
from django.utils import timezone

from smscenter.database.leases import Leased, LeasedQuerySet

log = structlog.get_logger(__name__)

# Longer than a session with a mail server that uses up the timeout for each response.
LEASE = timedelta(minutes=10)
# Wait this long after each temporary failure. After the last one, the mail has failed.
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))
LONGEST_SUBJECT = 250
PERMANENT = 500


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class QueuedMail(Leased):
    """A mail, saved in the transaction that it reports. It never changes."""

    State = State
    WAITS_AS = State.WAITING

    # The same for each try, so that mail servers recognize duplicates.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField()
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True, help_text="Last response from the mail server.")
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        verbose_name = "email"
        constraints = [
            models.CheckConstraint(
                name="%(class)s_state",
                condition=Q(state__in=["waiting", "sending", "sent", "failed"]),
            ),
            models.CheckConstraint(
                name="%(class)s_lease",
                condition=~Q(state="sending") | Q(lease__isnull=False, lease_until__isnull=False),
            ),
        ]
        indexes = [
            Index(fields=["due", "id"], condition=Q(state="waiting"), name="%(class)s_due"),
            Index(fields=["lease_until"], condition=Q(state="sending"), name="%(class)s_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.to})"

    @property
    def reply_address(self) -> str:
        """Return where replies go: by default, to the people who read them."""
        address: str = settings.SUPPORT_EMAIL
        return address

    @property
    def thread(self) -> str:
        """Return what all mails of a conversation share, if it belongs to one."""
        return ""

    @property
    def retry_at(self) -> datetime | None:
        """Return when to try again, or None after the last try."""
        return timezone.now() + DELAYS[self.tries - 1] if self.tries <= len(DELAYS) else None


_Mail = TypeVar("_Mail", bound=QueuedMail)


class QueuedMailQuerySet(LeasedQuerySet[_Mail]):
    def unsent(self) -> Self:
        return self.filter(state__in=[State.WAITING, State.SENDING])

    def claim_next(self, at: datetime | None = None) -> _Mail | None:
        """Claim the mail that has been due longest."""
        now = at or timezone.now()
        if not self.claimable(now).exists():
            return None
        lease, until, tries = uuid.uuid4(), now + LEASE, F("tries") + 1
        for mail in self.claim(1, at=now, until=until, lease=lease, tries=tries):
            mail.tries += 1
            return mail
        return None


def one_line(subject: str) -> str:
    """Return a subject that fits. A header is one line: what people type must not add another."""
    return " ".join(subject.split())[:LONGEST_SUBJECT]


def send_due(mails: QueuedMailQuerySet[Any], limit: int = 50) -> int:
    """Send up to `limit` due mails. Return the number of attempts."""
    tried = 0
    while tried < limit and (mail := mails.claim_next()):
        _send(mail)
        tried += 1
    return tried


def message(mail: QueuedMail) -> EmailMultiAlternatives:
    domain = settings.PUBLIC_HOST
    headers = {"Message-ID": f"<{mail.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    if mail.thread:  # mail programs show these as one conversation
        headers["References"] = f"<{mail.thread}@{domain}>"
    replies = [mail.reply_address] if mail.reply_address else []
    made = EmailMultiAlternatives(
        mail.subject, mail.text, to=[mail.to], reply_to=replies, headers=headers
    )
    if mail.html:
        made.attach_alternative(mail.html, "text/html")
    return made


def _send(mail: QueuedMail) -> None:
    try:
        message(mail).send()
    except (SMTPException, OSError, ValueError) as error:
        record_failure(mail, error)
        return
    changes = {"state": State.SENT, "sent": timezone.now(), "error": ""}
    if not _close(mail, **changes):
        # It took longer than the lease, and another worker sends it too, with the same key.
        log.warning("mail_sent_without_lease", mail=mail.pk)


def record_failure(mail: QueuedMail, error: Exception) -> None:
    """Retry temporary failures later: a server that is down, a mailbox that is full."""
    # The server's reply names the recipient, so it isn't logged. The mail keeps it.
    code = getattr(error, "smtp_code", None)
    log.warning("mail_failed", mail=mail.pk, error=type(error).__name__, code=code)
    retry_at = None if is_permanent(error) else mail.retry_at
    if retry_at is None:
        _close(mail, state=State.FAILED, error=str(error))
    else:
        _close(mail, state=State.WAITING, due=retry_at, error=str(error))


def _close(mail: QueuedMail, **changes: Any) -> bool:
    rows: QueuedMailQuerySet[Any] = type(mail)._default_manager.all()  # type: ignore[assignment]
    return rows.filter(pk=mail.pk).under(mail.lease).close(**changes) == 1


def is_permanent(error: Exception) -> bool:
    """Return whether a retry is pointless: the mail was rejected, not our account."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, SMTPDataError | SMTPSenderRefused):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError) and not isinstance(error, OSError)

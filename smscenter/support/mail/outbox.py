"""Send mails that are due. The row in the database is the truth.

The worker checks every second in a separate thread, so a slow mail server never delays texts.
"""

from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from smscenter.support.models import Mail

log = structlog.get_logger(__name__)

PERMANENT = 500


def send_due(limit: int = 50) -> int:
    """Send up to `limit` due mails. Return the number of attempts."""
    tried = 0
    while tried < limit and (mail := Mail.objects.claim_next()):
        _send(mail)
        tried += 1
    return tried


def message(mail: Mail) -> EmailMultiAlternatives:
    domain = settings.PUBLIC_HOST
    headers = {
        "Message-ID": f"<{mail.key}@{domain}>",
        # Mail programs show all mails about a request as one conversation.
        "References": f"<request-{mail.request_id}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    # Replies land in the request, or go to the people who read them.
    replies = [address for address in [mail.reply_to or settings.SUPPORT_EMAIL] if address]
    made = EmailMultiAlternatives(
        mail.subject, mail.text, to=[mail.to], reply_to=replies, headers=headers
    )
    if mail.html:
        made.attach_alternative(mail.html, "text/html")
    return made


def _send(mail: Mail) -> None:
    try:
        message(mail).send()
    except (SMTPException, OSError, ValueError) as error:
        _failed(mail, error)
        return
    changes = {"state": Mail.State.SENT, "sent": timezone.now(), "error": ""}
    if not _close(mail, **changes):
        # It took longer than the lease, and another worker sends it too, with the same key.
        log.warning("mail_sent_without_lease", mail=mail.pk)


def _failed(mail: Mail, error: Exception) -> None:
    """Retry temporary failures later: a server that is down, a mailbox that is full."""
    # The server's reply names the recipient, so it isn't logged. The mail keeps it.
    code = getattr(error, "smtp_code", None)
    log.warning("mail_failed", mail=mail.pk, error=type(error).__name__, code=code)
    retry_at = None if is_permanent(error) else mail.retry_at
    if retry_at is None:
        _close(mail, state=Mail.State.FAILED, error=str(error))
    else:
        _close(mail, state=Mail.State.WAITING, due=retry_at, error=str(error))


def _close(mail: Mail, **changes: Any) -> bool:
    return Mail.objects.filter(pk=mail.pk).under(mail.lease).close(**changes) == 1


def is_permanent(error: Exception) -> bool:
    """Return whether a retry is pointless: the mail was rejected, not our account."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, SMTPDataError | SMTPSenderRefused):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError) and not isinstance(error, OSError)

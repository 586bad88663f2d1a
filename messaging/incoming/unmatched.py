"""Texts that belong to no lead: kept for a person, and limited in how many leads they create."""

from datetime import datetime, timedelta
from typing import TypeAlias

import structlog
from django.conf import settings
from django.utils import timezone

from messaging.carriers import IncomingSms
from messaging.models import CarrierEvent, SenderNumber, UnmatchedText
from smscenter.accounts.models import Organization

log = structlog.get_logger(__name__)

Cause: TypeAlias = UnmatchedText.Cause
State: TypeAlias = UnmatchedText.State

LONGEST_REMOTE = 64


def keep(
    event: CarrierEvent, text: IncomingSms, remote: str, number: SenderNumber, cause: Cause | None
) -> None:
    """Keep a text that had no lead for this cause. Without one, update the text if it was kept."""
    if event.message_id:
        rows = UnmatchedText.objects.filter(event=event)
        rows.update(state=State.MATCHED, message=event.message_id, updated=timezone.now())
    if cause is None:
        return
    UnmatchedText.objects.get_or_create(
        event=event,
        defaults={
            "organization": number.organization,
            "sender": number,
            "message": event.message,
            "remote": remote[:LONGEST_REMOTE],
            "text": text.text,
            "media": list(text.media) or None,
            "cause": cause,
            "state": State.MATCHED if event.message_id else State.UNREAD,
            "received": event.received,
        },
    )


def is_over_limit(organization: Organization, at: datetime | None = None) -> bool:
    """Return whether unknown senders created too many leads in the last hour.

    Texts that are read at the same moment can exceed the limit by their number. Logs a warning
    once an hour.
    """
    since = (at or timezone.now()) - timedelta(hours=1)
    rows = UnmatchedText.objects.filter(organization=organization, received__gte=since)
    limit = settings.UNKNOWN_SENDER_LEADS_PER_HOUR
    if rows.filter(cause=Cause.NEW_LEAD).count() < limit:
        return False
    if not rows.filter(cause=Cause.LIMIT).exists():
        log.warning("unknown_sender_limit", organization_id=organization.pk, limit=limit)
    return True

"""Grant, change, and end whitelistings, with the history of their request and mail."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from messaging.deliverability.around import Whitelisted
from messaging.models import SenderNumber
from smscenter import moments
from smscenter.accounts.models import Organization, User
from smscenter.audit.recording import record as audit
from smscenter.support.mail import letters
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.history import record
from smscenter.support.models.states import LONGEST_NOTE, MoveError, clean, is_reviewer

# Whitelistings in one run.
MOST_NOTIFIED = 100


def grant(
    support_request: SupportRequest, sender: SenderNumber, expires: datetime | None
) -> Whitelisting:
    """Whitelist the number of a request at its carrier."""
    return Whitelisting.objects.create(
        organization_id=support_request.organization_id,
        sender=sender,
        carrier=sender.carrier,
        request=support_request,
        expires=expires,
    )


def granted_since(organization: Organization, since: datetime) -> list[Whitelisted]:
    """Return which numbers were whitelisted since a time, for the deliverability page."""
    rows = Whitelisting.objects.filter(organization=organization, granted__gte=since)
    latest = rows.select_related("sender").order_by("-granted")
    return [Whitelisted(row.sender, row.granted) for row in latest]


@transaction.atomic
def change_expiry(
    whitelisting: Whitelisting, expires: datetime | None, by: User
) -> SupportRequestEvent:
    """Change when a whitelisting expires. The requester is notified again. Raise MoveError."""
    rows = Whitelisting.objects.filter(pk=whitelisting.pk, revoked=None)
    if not rows.update(expires=expires, expiry_notified=False):
        raise MoveError("This whitelisting is no longer active.")
    whitelisting.expires, whitelisting.expiry_notified = expires, False
    note = "The whitelisting doesn't expire."
    if expires is not None:
        note = f"The whitelisting expires on {moments.day(expires)}."
    return _record(whitelisting, by, note)


def revoke(whitelisting: Whitelisting, by: User, reason: str) -> SupportRequestEvent:
    """End a whitelisting, and notify the requester of the reason. Raise MoveError.

    Carriers revoke numbers, so all active whitelistings of this number there end together.
    """
    reason, now = clean(reason), timezone.now()
    if not is_reviewer(by):
        raise MoveError("Only support staff can revoke a whitelisting.")
    if not reason or len(reason) > LONGEST_NOTE:
        raise MoveError(f"Enter a reason of up to {LONGEST_NOTE:,} characters.")
    with transaction.atomic():
        rows = Whitelisting.objects.in_force(now).filter(pk=whitelisting.pk)
        if not rows.update(revoked=now, revoked_by=by, revocation=reason):
            raise MoveError("This whitelisting is no longer active.")
        event = _record(whitelisting, by, f"The whitelisting was revoked. {reason}")
        letters.about_revocation(whitelisting.request, event)
        for other in Whitelisting.objects.others_for(whitelisting):
            revoke(other, by, reason)
    whitelisting.revoked, whitelisting.revoked_by, whitelisting.revocation = now, by, reason
    return event


def notify_expired(at: datetime | None = None) -> int:
    """Notify requesters of expired whitelistings, once each. Return the number of mails."""
    now = at or timezone.now()
    rows = Whitelisting.objects.filter(expires__lte=now, revoked=None, expiry_notified=False)
    chosen = rows.select_related("request__created_by", "sender")[:MOST_NOTIFIED]
    return sum(_notify_expiry(whitelisting) for whitelisting in chosen)


@transaction.atomic
def _notify_expiry(whitelisting: Whitelisting) -> bool:
    """Return whether this call recorded the expiry: another worker may have been faster."""
    rows = Whitelisting.objects.filter(pk=whitelisting.pk, expiry_notified=False, revoked=None)
    if not rows.filter(expires=whitelisting.expires).update(expiry_notified=True):
        return False
    if Whitelisting.objects.others_for(whitelisting).exists():
        return False
    event = _record(whitelisting, None, "The whitelisting has expired.")
    letters.about_expiry(whitelisting.request, event)
    return True


def _record(whitelisting: Whitelisting, by: User | None, note: str) -> SupportRequestEvent:
    if by is not None:
        name = f"whitelisting of {whitelisting.sender}"
        organization = whitelisting.organization_id
        audit("whitelisting_changed", name=name, note=note, by=by, organization=organization)
    return record(whitelisting.request, SupportRequestEvent.Kind.NOTE, by, note)

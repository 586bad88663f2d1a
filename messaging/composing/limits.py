"""Limits per hour on the texts that people send, so that nobody uses up what others need."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from leads.phones import Phone
from messaging.models import SmsMessage
from messaging.models.message import SmsMessageQuerySet
from smscenter import moments
from smscenter.accounts.models import Organization, User

WINDOW = timedelta(hours=1)
# The same text to the same number within this time is probably a mistake.
SAME_TEXT_WINDOW = timedelta(minutes=1)


def exceeded(organization: Organization, user: User, to: str) -> str:
    """Return which limit is reached and until when, as a sentence, or an empty string."""
    return next(_exceeded(organization, user, to), "")


def has_same_text(organization: Organization, to: str, text: str) -> bool:
    """Return whether this text was sent to this number a moment ago, and didn't fail."""
    since = timezone.now() - SAME_TEXT_WINDOW
    rows = _sent(organization, since).filter(remote_phone=to, text=text)
    return rows.exclude(status=SmsMessage.Status.ERROR).exists()


def _exceeded(organization: Organization, user: User, to: str) -> Iterator[str]:
    sent = _sent(organization, timezone.now() - WINDOW)
    most = settings.TEXTS_PER_HOUR_TO_NUMBER
    if at := _free_at(sent.filter(remote_phone=to), most):
        yield f"{Phone(to)} got {most} texts in the last hour, the limit. {_again(at)}"
    most = settings.TEXTS_PER_HOUR_BY_USER
    if at := _free_at(sent.filter(user=user), most):
        yield f"You sent {most} texts in the last hour, the limit for one person. {_again(at)}"
    most = settings.TEXTS_PER_HOUR_BY_ORGANIZATION
    if at := _free_at(sent, most):
        yield f"Your organization sent {most} texts in the last hour, the limit. {_again(at)}"


def _sent(organization: Organization, since: datetime) -> SmsMessageQuerySet:
    return SmsMessage.objects.filter(
        organization=organization,
        created__gt=since,
        direction=SmsMessage.Direction.OUTGOING,
        automatic="",
    )


def _free_at(rows: SmsMessageQuerySet, most: int) -> datetime | None:
    """Return when fewer than `most` of these are in the window, or None if that's now."""
    if not most:
        return None
    times = rows.order_by("-created").values_list("created", flat=True)
    reached = list(times[most - 1 : most])
    return reached[0] + WINDOW if reached else None


def _again(at: datetime) -> str:
    return f"Try again {moments.upcoming(at)}."

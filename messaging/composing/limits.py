"""Limits per hour on the texts that people send, so that nobody uses up what others need.

Bulk sends get only a share of the organization's limit, and don't count toward the limit of the
person who started them. So while one runs, everyone can still text.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from leads.phones import Phone
from messaging.models import Attempt, SmsMessage
from messaging.models.message import SmsMessageQuerySet
from smscenter import moments
from smscenter.accounts.models import Organization, User

WINDOW = timedelta(hours=1)
# The same text to the same number within this time is probably a mistake.
SAME_TEXT_WINDOW = timedelta(minutes=1)
# The part of the limits of an organization, and of a sender number's daily cap, for bulk sends.
BULK_PERCENT = 80


def exceeded(organization: Organization, user: User, to: str) -> str:
    """Return which limit is reached and until when, as a sentence, or an empty string."""
    return next(_exceeded(organization, user, to), "")


def resends_exceeded(organization: Organization, to: str) -> str:
    """Return this for another attempt of a text. All attempts to the number count, also retries."""
    since = timezone.now() - WINDOW
    attempts = Attempt.objects.filter(organization=organization, created__gt=since)
    # Also by the message's organization: its index on phone numbers begins with it.
    attempts = attempts.filter(message__organization=organization, message__remote_phone=to)
    at = _free_at(attempts, settings.TEXTS_PER_HOUR_TO_NUMBER)
    return f"{number_is_full(to)} {_again(at)}" if at else ""


def has_same_text(organization: Organization, to: str, text: str) -> bool:
    """Return whether this text was sent to this number a moment ago, and didn't fail."""
    since = timezone.now() - SAME_TEXT_WINDOW
    rows = _sent(organization, since).filter(remote_phone=to, text=text)
    return rows.exclude(status=SmsMessage.Status.ERROR).exists()


def same_texts(organization: Organization, phones: Collection[str]) -> set[tuple[str, str]]:
    """Return `has_same_text` for several numbers: each number with each such text."""
    rows = _sent(organization, timezone.now() - SAME_TEXT_WINDOW).filter(remote_phone__in=phones)
    return set(rows.exclude(status=SmsMessage.Status.ERROR).values_list("remote_phone", "text"))


def full_numbers(organization: Organization, phones: Collection[str]) -> set[str]:
    """Return those of these numbers that got as many texts as one may get in an hour."""
    most = settings.TEXTS_PER_HOUR_TO_NUMBER
    if not most:
        return set()
    rows = _sent(organization, timezone.now() - WINDOW).filter(remote_phone__in=phones)
    counts = rows.order_by().values("remote_phone").annotate(texts=Count("pk"))
    return set(counts.filter(texts__gte=most).values_list("remote_phone", flat=True))


def number_is_full(phone: str) -> str:
    """Return this limit as a sentence."""
    most = settings.TEXTS_PER_HOUR_TO_NUMBER
    return f"{Phone(phone)} got {most} texts in the last hour, the limit for one number."


def room_for_bulk(organization: Organization, most: int) -> tuple[int, datetime | None]:
    """Return how many texts bulk sends can add now, `most` at most, and if none, when they can."""
    if not (limit := settings.TEXTS_PER_HOUR_BY_ORGANIZATION):
        return most, None
    share = max(1, limit * BULK_PERCENT // 100)
    sent = _sent(organization, timezone.now() - WINDOW)
    room = max(0, share - sent.order_by()[:share].count())
    return min(room, most), None if room else _free_at(sent, share)


def _exceeded(organization: Organization, user: User, to: str) -> Iterator[str]:
    sent = _sent(organization, timezone.now() - WINDOW)
    most = settings.TEXTS_PER_HOUR_TO_NUMBER
    if at := _free_at(sent.filter(remote_phone=to), most):
        yield f"{number_is_full(to)} {_again(at)}"
    most = settings.TEXTS_PER_HOUR_BY_USER
    if at := _free_at(sent.filter(user=user, bulk_items=None), most):
        yield f"You've sent {most} texts in the last hour, the limit for one person. {_again(at)}"
    most = settings.TEXTS_PER_HOUR_BY_ORGANIZATION
    if at := _free_at(sent, most):
        yield f"Your organization has sent {most} texts in the last hour, its limit. {_again(at)}"


def _sent(organization: Organization, since: datetime) -> SmsMessageQuerySet:
    return SmsMessage.objects.filter(
        organization=organization,
        created__gt=since,
        direction=SmsMessage.Direction.OUTGOING,
        automatic="",
    )


def _free_at(rows: QuerySet[Any], most: int) -> datetime | None:
    """Return when fewer than `most` of these are in the window, or None if that's now."""
    if not most:
        return None
    times = rows.order_by("-created").values_list("created", flat=True)
    reached = list(times[most - 1 : most])
    return reached[0] + WINDOW if reached else None


def _again(at: datetime) -> str:
    return f"Try again {moments.upcoming(at)}."

"""Notify people. The rows are written in the transaction of what happened, or not at all."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.notifications.kinds import Kind, MailChoice, kinds
from smscenter.notifications.models import Notification, Preference

# Nobody gets an email about what they saw in the app within this time.
SEEN_WITHIN = timedelta(minutes=2)
DIGEST_AT = time(8)
# Of one kind, for one person, in an hour. One more says that there were too many.
MOST = 100
HOUR = timedelta(hours=1)


def notify(  # noqa: PLR0913 - the columns of a notification
    kind_name: str,
    people: Iterable[int],
    *,
    organization: int,
    subject: int,
    place: str,
    occurrence: int = 1,
) -> None:
    """Notify those of these people (IDs) who can see it and want to know, each once.

    `subject`, `occurrence`, and `place` are those of Notification.
    """
    kind, now = kinds.by_key[kind_name], timezone.now()
    users = _reachable(kind, people, organization)
    preferences = Preference.objects.for_people(kind, users) if users else {}
    rows = []
    for user in users:
        if (preference := preferences[user.pk]).is_off:
            continue
        row = Notification(
            organization_id=organization,
            user=user,
            kind=kind.name,
            subject=subject,
            occurrence=occurrence,
            place=place,
            created=now,
            in_app=preference.in_app,
            mail=preference.mail,
            mail_due=_mail_due(preference, user, now),
        )
        rows.append(_instead(row) if _has_too_many(row) else row)
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def next_digest(zone: ZoneInfo, after: datetime) -> datetime:
    """Return the next 8 AM in a time zone, whatever its clocks do in between."""
    here = after.astimezone(zone)
    today = datetime.combine(here.date(), DIGEST_AT, zone)
    if today > here:
        return today
    return datetime.combine(here.date() + timedelta(days=1), DIGEST_AT, zone)


def _reachable(kind: Kind, people: Iterable[int], organization: int) -> list[User]:
    """Return the active ones of these people who are members, or whom the kind concerns."""
    ids = set(people)
    if not ids:
        return []
    users = User.objects.filter(pk__in=ids, is_active=True).select_related("organization")
    return [
        user for user in users if user.organization_id in {None, organization} and kind.is_for(user)
    ]


def _mail_due(preference: Preference, user: User, now: datetime) -> datetime | None:
    if preference.mail == MailChoice.EACH:
        return now + SEEN_WITHIN
    return next_digest(user.zone, now) if preference.mail == MailChoice.DIGEST else None


def _has_too_many(row: Notification) -> bool:
    rows = Notification.objects.filter(user=row.user, created__gte=row.created - HOUR)
    return rows.filter(kind=row.kind)[:MOST].count() >= MOST


def _instead(row: Notification) -> Notification:
    """Return the one row of an hour for all that are too many."""
    row.subject, row.place = 0, ""
    row.occurrence = int(row.created.timestamp()) // 3600
    return row

"""Notify people. The rows are written in the transaction of what happened, or not at all."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.notifications.kinds import Kind, MailChoice, kinds
from smscenter.notifications.models import Notification, Preference

# Nobody gets an email about what they saw in the app within this time.
SEEN_WITHIN = timedelta(minutes=2)
DIGEST_AT = time(8)
# Of one kind, for one person, in an hour, from one process. One more says that there were too many.
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
    rows = []
    for user, preference in _people(kind, people, organization):
        if preference.is_off:
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
        if _number_this_hour(row) > MOST:
            _stand_for_all(row)
        rows.append(row)
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def next_digest(zone: ZoneInfo, after: datetime) -> datetime:
    """Return the next 8 AM in a time zone, whatever its clocks do in between."""
    here = after.astimezone(zone)
    today = datetime.combine(here.date(), DIGEST_AT, zone)
    if today > here:
        return today
    return datetime.combine(here.date() + timedelta(days=1), DIGEST_AT, zone)


def _people(
    kind: Kind, people: Iterable[int], organization: int
) -> Iterator[tuple[User, Preference]]:
    """Yield the active ones of these people who may see it, and what they chose, in one query."""
    chosen = Q(notification_preferences__kind=kind.settings_name)
    users = User.objects.filter(pk__in=set(people), is_active=True).select_related("organization")
    users = users.annotate(
        chosen=FilteredRelation("notification_preferences", condition=chosen),
        chosen_in_app=F("chosen__in_app"),
        chosen_mail=F("chosen__mail"),
    )
    for user in users:
        if user.organization_id in {None, organization} and kind.is_for(user):
            preference = Preference.default(kind)
            if user.chosen_mail is not None:
                preference.in_app, preference.mail = user.chosen_in_app, user.chosen_mail
            yield user, preference


def _mail_due(preference: Preference, user: User, now: datetime) -> datetime | None:
    if preference.mail == MailChoice.EACH:
        return now + SEEN_WITHIN
    return next_digest(user.zone, now) if preference.mail == MailChoice.DIGEST else None


def _number_this_hour(row: Notification) -> int:
    """Count this notification, and return how many of its kind the person got in this hour.

    Each process counts its own: a query would double what it costs to write one.
    """
    key = f"notified:{row.user_id}:{row.kind}:{_hour(row.created)}"
    cache.add(key, 0, HOUR.total_seconds())
    return cache.incr(key)


def _stand_for_all(row: Notification) -> None:
    """Make this the one row of an hour for all that are too many."""
    row.subject, row.place, row.occurrence = 0, "", _hour(row.created)


def _hour(at: datetime) -> int:
    return int(at.timestamp() // HOUR.total_seconds())

"""The number at the bell, and what a browser shows on the desktop."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.accounts.pages.destinations import is_member
from smscenter.database.prepared import Prepared
from smscenter.notifications.entries import Entry, fold
from smscenter.notifications.kinds import kinds, kinds_for
from smscenter.notifications.models import Notification, Preference

# Beyond this, the bell shows "99+".
MOST_COUNTED = 99
# Open tabs look for news at least this often, also hidden ones.
RECENT = timedelta(minutes=3)
MOST_ON_DESKTOP = 3


def bell_of(user: User) -> dict[str, Any]:
    """Return what the bell shows. Open pages ask for it every few seconds."""
    newest = unread(user)
    since = timezone.now() - RECENT
    recent = [pk for pk, created in newest if created >= since]
    return {
        "user": user,
        "unread": len(newest),
        "most": MOST_COUNTED,
        "desktop": on_desktop(user, recent) if recent else [],
    }


def unread(user: User) -> Sequence[tuple[Any, ...]]:
    """Return the IDs and times of the newest unread notifications, one more than is counted."""
    names = tuple(kind.name for kind in kinds_for(user))
    if not names:
        return []
    return _unread(names, is_member(user))(user.pk, user.organization_id or 0)


@cache
def _unread(kind_names: tuple[str, ...], of_member: bool) -> Prepared:
    def newest(user: int, organization: int) -> QuerySet[Any, Any]:
        rows = Notification.objects.of(user, organization if of_member else None, kind_names)
        return rows.unread().newest_first().values_list("pk", "created")[: MOST_COUNTED + 1]

    return Prepared(newest)


def on_desktop(user: User, recent: Sequence[int]) -> list[Entry]:
    """Return what a browser shows on the desktop if this person allowed it."""
    chosen = Preference.objects.by_kind(user)
    wanted = [
        kind.name
        for kind in kinds
        if kind.settings_name in chosen and chosen[kind.settings_name].desktop
    ]
    rows = Notification.objects.visible_to(user).newest_first()
    return fold(rows.filter(pk__in=recent, kind__in=wanted))[:MOST_ON_DESKTOP]

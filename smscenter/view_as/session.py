"""Who views as whom, and until when. It's kept in the session of the support staff.

The session stays theirs: a request acts as the member only while all conditions hold, so whatever
ends one of them ends it, and signing out ends both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.http import HttpRequest
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.audit.recording import record

KEY = "view_as"


def may_view_as(user: Any) -> bool:
    """Return whether someone may view as members: support staff, and administrators."""
    is_staff = bool(user.is_authenticated and user.is_active and user.is_staff)
    return is_staff and user.has_perm("support.change_supportrequest")


def member(pk: Any) -> User | None:
    """Return a member whom support may view as: no staff, and not if the organization said no."""
    rows = User.objects.select_related("organization").filter(
        is_active=True, is_staff=False, is_superuser=False, organization__support_can_view_as=True
    )
    return rows.filter(pk=pk).first()


@dataclass(frozen=True)
class ViewAs:
    """Staff viewing as a member. `member` is None if that's no longer possible."""

    staff: User
    member: User | None
    pk: int
    until: datetime
    reason: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return what the session says, even if it's over."""
        stored = request.session.get(KEY)
        if stored is None or not isinstance(request.user, User):
            return None
        found = member(stored["member"]) if may_view_as(request.user) else None
        until = datetime.fromisoformat(stored["until"])
        return cls(request.user, found, stored["member"], until, stored["reason"])

    @property
    def is_over(self) -> bool:
        return self.member is None or timezone.now() >= self.until

    @property
    def seconds_left(self) -> int:
        return max(1, round((self.until - timezone.now()).total_seconds()))

    @property
    def minutes_left(self) -> int:
        return -(-self.seconds_left // 60)


def start(request: HttpRequest, person: User, reason: str, minutes: int) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    record("view_as_started", person, note=f"{reason} ({minutes} minutes)")
    request.session[KEY] = {"member": person.pk, "until": until.isoformat(), "reason": reason}


def end(request: HttpRequest) -> User | None:
    """Stop viewing as a member, and return the member. Return None if nobody did."""
    stored = request.session.pop(KEY, None)
    person = User.objects.filter(pk=stored["member"]).first() if stored else None
    if person is not None:
        record("view_as_ended", person)
    return person

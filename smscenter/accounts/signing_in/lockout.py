"""Stop people from guessing passwords and codes, without locking out anyone else.

Failures are counted by name and client address together, so that no one can lock a name from
another address, and by client address alone, so that one client can't try one password on every
name. Both counts forget a failure after AXES_COOLOFF_TIME.
"""

import math
from datetime import datetime, timedelta
from typing import Any

import structlog
from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from smscenter.accounts.models import User

log = structlog.get_logger(__name__)

LONGEST_NAME: int = AccessAttempt._meta.get_field("username").max_length


class LockoutHandler(AxesDatabaseHandler):  # type: ignore[misc] # axes has no types
    """Count failures by name and client, as django-axes does, and also by client alone."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        """Return this name's failures, or the limit if the client has reached its own."""
        failures: int = super().get_failures(request, credentials)
        counted = recent_failures(request).aggregate(
            names=Count("username", distinct=True), total=Sum("failures_since_start")
        )
        if _is_too_many(counted["names"], counted["total"] or 0):
            return max(failures, int(settings.AXES_FAILURE_LIMIT))
        return failures


def name_of(request: HttpRequest, credentials: Any = None) -> str | None:
    """Return the name that a failure counts for: an account has one, however it was typed."""
    typed = (credentials or {}).get("username") or getattr(request, "name_that_failed", None)
    typed = (typed or request.POST.get("username") or "").strip()[:LONGEST_NAME]
    if "@" in typed and not User.objects.filter(username=typed).exists():
        account = User.objects.filter(email__iexact=typed).order_by("pk").first()
        return account.username if account else typed.lower()
    return typed or None


def is_locked(request: HttpRequest, user: User) -> bool:
    """Return whether somebody who knows the password must wait, after too many wrong codes."""
    if AxesProxyHandler.is_allowed(request, {"username": user.username}):
        return False
    request.name_that_failed = user.username  # type: ignore[attr-defined]
    request.axes_locked_out = True  # type: ignore[attr-defined] # the middleware responds
    return True


def count_failure(request: HttpRequest, user: User) -> None:
    """Count a wrong code like a wrong password."""
    request.name_that_failed = user.username  # type: ignore[attr-defined]
    user_login_failed.send(__name__, credentials={"username": user.username}, request=request)


def recent_failures(request: HttpRequest) -> QuerySet[Any]:
    """Return the failures of this client that still count."""
    rows: QuerySet[Any] = AccessAttempt.objects.all()
    return rows.filter(
        ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
        attempt_time__gte=get_cool_off_threshold(request),
    )


def _is_too_many(names: int, failures: int) -> bool:
    """Return whether a client failed more often than a whole office would."""
    if names >= settings.SIGN_IN_NAMES_PER_CLIENT:
        return True
    return bool(failures >= settings.SIGN_IN_FAILURES_PER_CLIENT)


def locked_out(
    request: HttpRequest, _response: Any = None, credentials: Any = None
) -> HttpResponse:
    """Refuse a sign-in and say when to try again."""
    name = get_client_username(request, credentials) or ""
    seconds = math.ceil((_locked_until(request, name) - timezone.now()).total_seconds())
    # Log the account, not the name: people sometimes type a password there.
    account = User.objects.filter(username=name).values_list("pk", flat=True).first()
    log.warning("sign_in_locked", account_id=account, seconds=seconds)
    context = {"minutes": max(1, math.ceil(seconds / 60))}
    response = render(request, "accounts/locked_out.html", context, status=429)
    response["Retry-After"] = str(max(1, seconds))
    return response


def _locked_until(request: HttpRequest, name: str) -> datetime:
    """Return when enough failures will have expired for the client to try again."""
    own, total, names = 0, 0, set()
    cool_off: timedelta = get_cool_off(request)
    for attempt in recent_failures(request).order_by("-attempt_time"):
        names.add(attempt.username)
        total += attempt.failures_since_start
        own += attempt.failures_since_start if attempt.username == name else 0
        if own >= settings.AXES_FAILURE_LIMIT or _is_too_many(len(names), total):
            latest: datetime = attempt.attempt_time
            return latest + cool_off
    return timezone.now() + cool_off

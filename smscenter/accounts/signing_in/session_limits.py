"""End sessions that nobody uses anymore, and those that are too old."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SIGNED_IN, SEEN = "signed_in_at", "seen_at"
# Seconds between two writes of a session that is in use.
EVERY = 60
# Open pages ask for these by themselves, without anybody there.
POLLS = {"/views/counts/", "/notifications/bell/"}


class SessionLimitsMiddleware:
    """Sign out after SIGN_OUT_IDLE_MINUTES without use, and SIGN_OUT_AFTER_HOURS in any case.

    An organization can shorten both for its members, which takes no query: users are read with it.
    Sessions from before these limits end when their cookie does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = int(time.time())
        if request.session.get(SIGNED_IN) and request.user.is_authenticated:
            if _is_over(request, now):
                logout(request)
            elif now - request.session[SEEN] >= EVERY and not _is_poll(request):
                _keep(request, now)
        return self.get_response(request)


def _is_over(request: HttpRequest, now: int) -> bool:
    own = getattr(request.user, "organization", None)
    idle = _shorter(settings.SIGN_OUT_IDLE_MINUTES, own and own.sign_out_idle_minutes) * 60
    longest = _shorter(settings.SIGN_OUT_AFTER_HOURS, own and own.sign_out_after_hours) * 3600
    is_idle = idle and now - request.session[SEEN] > idle
    return bool(is_idle or (longest and now - request.session[SIGNED_IN] > longest))


def _shorter(installation: int, own: int | None) -> int:
    """Return the shorter limit. 0 and None are none."""
    return min(filter(None, (installation, own)), default=0)


def _is_poll(request: HttpRequest) -> bool:
    return request.path in POLLS or request.path.endswith("/news/")


def _keep(request: HttpRequest, now: int) -> None:
    request.session[SEEN] = now
    rows = UserSession.objects.filter(session_key=request.session.session_key)
    rows.update(last_seen_at=timezone.now())


def signed_in_recently(request: HttpRequest) -> bool:
    """Return whether the person signed in so recently that they needn't do it again."""
    age = time.time() - request.session.get(SIGNED_IN, 0)
    return bool(age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


@receiver(user_logged_in)
def start(request: HttpRequest, **_signal: object) -> None:
    request.session[SIGNED_IN] = request.session[SEEN] = int(time.time())

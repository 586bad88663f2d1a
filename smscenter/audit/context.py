"""Who is acting, and from where: the request that this thread works on."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

from smscenter.accounts.models import User
from smscenter.client_address import UNKNOWN, client_address

_current: ContextVar[HttpRequest | None] = ContextVar("request", default=None)

# What user agents contain, in the order to look: Edge also calls itself Chrome, and Chrome Safari.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome",
            "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows",
           "Macintosh": "Mac", "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


class AuditMiddleware:
    """Let what's recorded during a request say who did it, and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _current.set(request)
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)


def acting_user() -> User | None:
    """Return who is signed in, even while they view as someone else. None in the background."""
    request: Any = _current.get()
    user = getattr(request, "staff_user", None) or getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def has_request() -> bool:
    return _current.get() is not None


def is_outside_admin(_row: object) -> bool:
    """Return whether this happens outside the Django admin."""
    match = getattr(_current.get(), "resolver_match", None)
    return match is None or match.app_name != "admin"


def origin() -> dict[str, str]:
    """Return the address and the device of the request, as columns of a record."""
    if (request := _current.get()) is None:
        return {}
    address = client_address(request)
    return {
        "address": "" if address == UNKNOWN else address,
        "device": device(request.headers.get("User-Agent", "")),
    }


def device(agent: str) -> str:
    """Return the browser and the system that a user agent names: Chrome on Windows."""
    browser = next((name for mark, name in BROWSERS.items() if f"{mark}/" in agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return " on ".join(filter(None, [browser, system])) or agent.partition("/")[0][:40]

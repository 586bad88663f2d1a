"""Let support staff see what a member sees, and change nothing.

The user of a request becomes the member. Forms, downloads, and pages about signing in are refused,
and whatever a page writes while it's shown, such as what the member has seen, is rolled back.
"""

from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from smscenter.accounts.read_only import SAFE_METHODS
from smscenter.audit.recording import record
from smscenter.view_as.session import KEY, ViewAs, end

# What ends it. Both act as the staff again.
EXITS = {"view_as_stop", "sign_out", "admin_sign_out"}
# Passwords, recovery codes, and sessions are the member's alone.
PRIVATE = ("account_", "mfa_", "usersessions_")


class ViewAsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = ViewAs.of(request) if KEY in request.session else None
        if found is None:
            return self.get_response(request)
        if found.is_over or found.member is None:
            return _leave(request, found)
        structlog.contextvars.bind_contextvars(staff_user_id=found.staff.pk)
        act_as(request, found)
        if request.method not in SAFE_METHODS:
            return self.get_response(request)
        response = _read_only(request, self.get_response)
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            return _refusal(request)
        if _is_page(request, response):
            record("viewed_as", found.member, note=request.path[:200])
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, options: Any
    ) -> HttpResponseBase | None:
        found: ViewAs | None = getattr(request, "view_as", None)
        if found is None or request.resolver_match is None:
            return None
        name = request.resolver_match.url_name or ""
        if name in EXITS and request.method == "POST":
            request.user = found.staff
            if name != "view_as_stop":
                end(request)
            response: HttpResponseBase = view(request, *args, **options)
            return response
        # An export is refused before anything is read for it.
        is_private = name.startswith(PRIVATE) or "export" in name or "download" in name
        if request.method in SAFE_METHODS and not is_private:
            return None
        return _refusal(request)


def act_as(request: HttpRequest, found: ViewAs) -> None:
    """Make the member the user of this request, and remember who it really is."""
    assert found.member is not None  # noqa: S101 - for the type checker
    found.member.is_viewed = True
    request.user = found.member
    request.view_as = found  # type: ignore[attr-defined]  # for templates
    request.staff_user = found.staff  # type: ignore[attr-defined]  # for the audit log


def _read_only(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """Show a page without keeping what it writes to the database or the session."""
    session, was_modified = deepcopy(dict(request.session.items())), request.session.modified
    with transaction.atomic():
        response = get_response(request)
        transaction.set_rollback(True)
    if request.session.modified != was_modified:
        request.session.clear()
        request.session.update(session)
        request.session.modified = was_modified
    return response


def _refusal(request: HttpRequest) -> HttpResponse:
    return render(request, "view_as/refused.html", status=HTTPStatus.FORBIDDEN)


def _leave(request: HttpRequest, found: ViewAs) -> HttpResponse:
    """End it, and show whoever it was as that they're themselves again."""
    end(request)
    url = f"{reverse('view_as', args=[found.pk])}?ended" if found.member else reverse("home")
    is_htmx = "HX-Request" in request.headers
    response = HttpResponseClientRedirect(url) if is_htmx else redirect(url)
    return forget_pages(response)


def forget_pages(response: HttpResponse) -> HttpResponse:
    """Clear the browser's cached pages, which Back would show."""
    response["Clear-Site-Data"] = '"cache"'
    return response


def _is_page(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether this was a page that someone opened, not a part of one."""
    is_part = "HX-Request" in request.headers and "HX-Boosted" not in request.headers
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return not is_part and is_html and response.status_code == HTTPStatus.OK

"""Keep a page acting for the person who opened it, even after a sign-in in another tab.

Tabs share cookies, so a page that stays open would act for the user who signed in last. Every page
names its owner (base.html). Scripts send the name with every request (static/js/page_owner.js), and
get 409 if someone else is signed in by then. They also renew the CSRF token. A form without scripts
still has the token from before the sign-in, and fails because of that.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from smscenter.accounts.models import User

# The field of a form, and the cookie that tells scripts who is signed in now.
NAME = "page_owner"
HEADER = "X-Page-Owner"


def page_owner(user: User | AnonymousUser) -> str:
    """Return the user's signed ID, the same in every session. Empty if signed out."""
    return _signer().sign(str(user.pk)) if user.is_authenticated else ""


def _signer() -> Signer:
    return Signer(salt="smscenter.accounts.page_owner")


class PageOwnerMiddleware:
    """Refuse requests from a page that another user opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        _set_cookie(request, response)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        # Signed-out users get the sign-in page, and reading a webhook's form here is too early.
        if not request.user.is_authenticated:
            return None
        owner = request.headers.get(HEADER)
        if owner is None and request.method == "POST":
            owner = request.POST.get(NAME)
        if not owner or owner == page_owner(request.user):
            return None
        return _refusal(request, owner)


def _set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie if it names someone else.

    Not on every response, because a late response to an earlier request would reset it.
    """
    owner = page_owner(request.user)
    if request.COOKIES.get(NAME, "") == owner:
        return
    path, domain = settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN
    same_site = settings.SESSION_COOKIE_SAMESITE
    if not owner:
        response.delete_cookie(NAME, path=path, domain=domain, samesite=same_site)
        return
    response.set_cookie(
        NAME,
        owner,
        max_age=settings.SESSION_COOKIE_AGE,
        path=path,
        domain=domain,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite=same_site,
    )


def _refusal(request: HttpRequest, owner: str) -> HttpResponse:
    opened_by = _person(owner) or "someone else"
    message = f"You're now signed in as {request.user}. This page was opened by {opened_by}."
    if HEADER in request.headers:
        # The header distinguishes this from other conflicts.
        headers = {"Content-Type": "text/plain; charset=utf-8", HEADER: "other"}
        return HttpResponse(message, status=409, headers=headers)
    return render(request, "409.html", {"message": message}, status=409)


def _person(owner: str) -> User | None:
    try:
        return User.objects.filter(pk=_signer().unsign(owner)).first()
    except BadSignature:
        return None

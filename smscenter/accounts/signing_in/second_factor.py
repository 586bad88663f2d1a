"""Two-step verification: who must have it, and the only pages they reach until they do."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from smscenter.accounts.models import User

# What sets it up, and what anyone needs on the way.
ALLOWED = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "account_reauthenticate",
    "account_email",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "sign_out",
    "admin_sign_out",
    "theme",
    "help_index",
    "help_article",
    "healthz",
    "readyz",
    "metrics",
}
WHY = "Set up two-step verification to go on. It's required for your account."


def has_second_factor(user: User) -> bool:
    types = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=types).exists())


class SecondFactorMiddleware:
    """Lead people who must have a second factor, and have none, to the page that sets it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        # Support staff who view as a member need their own.
        user = getattr(request, "staff_user", request.user)
        if not isinstance(user, User) or not user.must_have_second_factor:
            return None
        match = request.resolver_match
        if (match is not None and match.view_name in ALLOWED) or has_second_factor(user):
            return None
        messages.warning(request, WHY)
        return redirect("mfa_index")

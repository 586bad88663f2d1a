"""Signing in, for everybody: the admin has no sign-in of its own."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from smscenter.own_urls import own_url

sign_in = LoginView.as_view(
    template_name="accounts/sign_in.html",
    extra_context={"is_sign_up_open": lambda: settings.OPEN_SIGN_UP},
)


class RemovePasskeyView(RemoveWebAuthnView):  # type: ignore[misc] # allauth has no types
    """Remove a passkey. Other people's don't exist, whatever is confirmed first."""

    template_name = "accounts/second_factor/passkey_remove.html"
    success_url = reverse_lazy("mfa_index")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        get_object_or_404(Authenticator, user=request.user, type="webauthn", pk=kwargs["pk"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@require_POST
@login_not_required
def cancel(request: HttpRequest) -> HttpResponse:
    """Forget the password that was right, so that someone else can sign in."""
    if request.user.is_authenticated:
        return redirect("home")
    request.session.flush()
    return redirect("sign_in")


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page, and refuse people who are signed in and not staff."""
    page = own_url(request, request.GET.get("next", ""), "admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(page, reverse("sign_in"))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(page)

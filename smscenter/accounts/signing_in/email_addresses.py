"""The email that people have, and the one that they are changing to."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from smscenter.accounts.models import User


def trust(user: User) -> None:
    """Keep the user's email as the confirmed one: an administrator or an invitation set it.

    An administrator may have changed it meanwhile, and the former one is nobody's anymore.
    """
    rows = EmailAddress.objects.filter(user=user)
    rows.filter(verified=True).exclude(email__iexact=user.email).delete()
    if user.email and not rows.filter(email__iexact=user.email, verified=True).exists():
        rows.filter(email__iexact=user.email).delete()
        EmailAddress.objects.create(
            user=user, email=user.email.lower(), primary=True, verified=True
        )


class ChangeEmailView(EmailView):  # type: ignore[misc] # allauth has no types
    template_name = "accounts/email.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User):
            trust(request.user)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

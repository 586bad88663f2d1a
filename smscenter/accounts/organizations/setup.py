"""The first account of a new installation: an administrator who owns the first organization.

Nobody has a default password. A signed link, which `manage.py setup_link` prints, opens the form as
long as there are no accounts.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordMixin
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from smscenter.accounts.models import User
from smscenter.accounts.organizations import beginning as new_organizations
from smscenter.accounts.time_zones import time_zones
from smscenter.accounts.widgets import LongSelect

SALT = "smscenter.setup"
SECONDS = 24 * 3600
BACKEND = "smscenter.accounts.backends.MemberBackend"


def is_done() -> bool:
    return User.objects.exists()


def path() -> str:
    return reverse("setup", args=[signing.dumps(str(uuid4()), salt=SALT)])


class OrganizationForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]
    """A new organization, and who owns it."""

    organization = forms.CharField(max_length=120)
    time_zone = forms.ChoiceField(choices=time_zones, initial="America/New_York", widget=LongSelect)
    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150)
    password1, password2 = SetPasswordMixin.create_password_fields()

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        data: dict[str, Any] = super().clean() or self.cleaned_data
        names = {name: data.get(name, "") for name in ("first_name", "last_name", "email")}
        self.validate_password_for_user(User(username=names["email"], **names))
        return data

    def save_owner(self, create: Callable[..., User], username: str, email: str) -> User:
        """Create the organization, and its owner with `create`."""
        data = self.cleaned_data
        return create(
            username,
            email,
            data["password1"],
            first_name=data["first_name"],
            last_name=data["last_name"],
            organization=new_organizations.create(data["organization"], data["time_zone"]),
            role=User.Role.OWNER,
        )


class SetupForm(OrganizationForm):
    email = forms.EmailField(help_text="You sign in with it.", max_length=150)
    field_order = ["organization", "time_zone", "first_name", "last_name", "email"]

    def save(self) -> User:
        email = self.cleaned_data["email"]
        with transaction.atomic():
            return self.save_owner(User.objects.create_superuser, email, email)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    try:
        signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if is_done():
        raise Http404
    form = SetupForm(request.POST or None, label_suffix="")
    if form.is_valid():
        login(request, form.save(), backend=BACKEND)
        return redirect("home")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/setup.html", {"form": form}, status=status)

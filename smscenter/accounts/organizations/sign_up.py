"""Sign-up, if OPEN_SIGN_UP allows it: anyone creates an organization and becomes its owner.

The email comes first. Nothing is created before its link is opened, so nobody signs up with the
email of someone else, and the page responds the same to known emails: they get another mail.
"""

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from smscenter.accounts import mails
from smscenter.accounts.members.invitations import free_username, has_account
from smscenter.accounts.models import User
from smscenter.accounts.organizations.setup import OrganizationForm
from smscenter.accounts.signing_in.email_addresses import trust
from smscenter.database import locks

SALT = "smscenter.accounts.sign_up"
SECONDS = 24 * 3600


def path_for(email: str) -> str:
    return reverse("sign_up_confirm", args=[signing.dumps(email, salt=SALT)])


class EmailForm(forms.Form):
    email = forms.EmailField(
        max_length=150,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        help_text="We send it a link.",
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Mail a link to whoever asks for one, or say how to get an invitation."""
    if request.user.is_authenticated:
        return redirect("home")
    if not settings.OPEN_SIGN_UP:
        context = {"support_email": settings.SUPPORT_EMAIL}
        return render(request, "accounts/sign_up/closed.html", context)
    form = EmailForm(request.POST or None)
    if request.method == "POST" and not ratelimit.consume(request, action="signup"):
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    if form.is_valid():
        mail_link(form.cleaned_data["email"].lower())
        return redirect("sign_up_sent")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/sign_up/email.html", {"form": form}, status=status)


def mail_link(email: str) -> None:
    """Mail a link for signing up, or one for signing in if there's an account already."""
    kind = "sign_up_known" if has_account(email) else "sign_up"
    mails.write(kind, email, {"sign_up_url": settings.PUBLIC_URL + path_for(email)})


@login_not_required
@require_safe
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/sign_up/sent.html")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Create the organization and its owner, and lead them to the first steps."""
    try:
        email = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if not settings.OPEN_SIGN_UP:
        raise Http404
    if request.user.is_authenticated or has_account(email):
        return render(request, "accounts/sign_up/used.html", {"email": email})
    form = OrganizationForm(request.POST or None, label_suffix="")
    if form.is_valid():
        if user := create(form, email):
            record_authentication(request, user, method="password", email=email)
            get_adapter(request).login(request, user)
            messages.success(request, f"Welcome to {user.organization}.")
        return redirect("home")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"form": form, "email": email}
    return render(request, "accounts/sign_up/organization.html", context, status=status)


def create(form: OrganizationForm, email: str) -> User | None:
    """Create the organization and its owner, unless the form was posted twice."""
    with transaction.atomic():
        locks.hold("sign up", email)
        if has_account(email):
            return None
        user = form.save_owner(User.objects.create_user, free_username(email), email)
        trust(user)
    return user

"""Invite people by email, and let them in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from smscenter.accounts import mails
from smscenter.accounts.http import MemberRequest, member_required, require, visible
from smscenter.accounts.members.settings_page import INVITE
from smscenter.accounts.models import Invitation, User
from smscenter.accounts.roles import RANKS
from smscenter.accounts.signing_in.email_addresses import trust

SALT = "smscenter.accounts.invitations"
MAIL = "invitation"
TOO_MANY = "We sent too many invitations to the same address. Try again in an hour."
MOST_AT_ONCE = 50
# Of an organization, so that nobody mails strangers through this installation.
MOST_A_DAY = 200


def token_of(invitation: Invitation) -> str:
    """Return what the link has: a signed ID, and when it was sent, so that only the last works."""
    return signing.dumps([invitation.pk, invitation.sent.isoformat()], salt=SALT)


def link_of(invitation: Invitation) -> str:
    """Return the invitation's link, which works until another one is sent."""
    return settings.PUBLIC_URL + reverse("invitation_accept", args=[token_of(invitation)])


def invitation_of(token: str) -> Invitation | None:
    """Return the open invitation with this token."""
    try:
        pk, sent = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    rows = Invitation.objects.select_related("organization", "invited_by")
    invitation = rows.filter(pk=pk).first()
    if invitation is None or invitation.sent.isoformat() != sent or not invitation.is_open():
        return None
    return invitation


class InvitationForm(forms.Form):
    emails = forms.CharField(
        label="Emails",
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text="One or more, separated by commas or lines.",
    )
    role = forms.ChoiceField(label="Role")

    def __init__(self, *args: Any, inviter: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inviter = inviter
        allowed = RANKS[: RANKS.index(User.Role(inviter.role)) + 1]
        self.fields["role"].choices = [(role, role.label) for role in allowed]  # type: ignore[attr-defined]
        self.fields["role"].initial = User.Role.REP

    def clean_emails(self) -> list[str]:
        found = self.cleaned_data["emails"].replace(",", " ").replace(";", " ").split()
        emails = list(dict.fromkeys(email.lower() for email in found))
        if len(emails) > MOST_AT_ONCE:
            raise forms.ValidationError(f"You can invite {MOST_AT_ONCE} people at a time.")
        if len(emails) + _number_today(self.inviter) > MOST_A_DAY:
            raise forms.ValidationError(
                f"Your organization can invite {MOST_A_DAY} people in 24 hours. Try again tomorrow."
            )
        for email in emails:
            self._check(email)
        return emails

    def _check(self, email: str) -> None:
        try:
            validate_email(email)
        except forms.ValidationError:
            self.add_error("emails", f"“{email}” isn't an email address.")
            return
        # Only in the inviter's organization: whether others know it is nobody's business.
        colleagues = User.objects.filter(organization=self.inviter.organization_id)
        if colleagues.filter(email__iexact=email, removed=None).exists():
            self.add_error("emails", f"{email} is already a member.")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: MemberRequest) -> HttpResponse:
    require(request, INVITE)
    form = InvitationForm(request.POST or None, inviter=request.user)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/members/invite.html", {"form": form}, status=status)
    emails = form.cleaned_data["emails"]
    sent = send_all(request.user, emails, form.cleaned_data["role"])
    if sent:
        messages.success(request, f"Invited {'1 person' if sent == 1 else f'{sent} people'}.")
    if sent < len(emails):
        messages.error(request, TOO_MANY)
    return redirect("member_list")


def _number_today(member: User) -> int:
    """Return how many people the member's organization has invited in the last 24 hours."""
    day = timezone.now() - timedelta(days=1)
    return Invitation.objects.visible_to(member).filter(sent__gte=day).count()


def send_all(inviter: User, emails: Sequence[str], role: str) -> int:
    """Invite these people, and return how many got a link.

    Who was invited before gets a new one, and this role.
    """
    sent = 0
    for email in emails:
        with transaction.atomic():
            pending = Invitation.objects.visible_to(inviter).pending()
            invitation = pending.filter(email__iexact=email).first() or Invitation(
                organization_id=inviter.organization_id or 0, email=email
            )
            invitation.role = role
            sent += send(invitation, inviter)
    return sent


def send(invitation: Invitation, inviter: User) -> bool:
    """Mail a new link, and end the former one. Return False if the address gets too many."""
    if mails.gets_too_many(MAIL, invitation.email):
        return False
    invitation.invited_by, invitation.sent = inviter, timezone.now()
    invitation.save()
    mail(invitation)
    return True


def mail(invitation: Invitation) -> None:
    """Mail the invitation's link. An administrator's invitation names no inviter."""
    inviter = invitation.invited_by
    context = {
        "inviter": str(inviter),
        "organization": str(invitation.organization),
        "invitation_url": link_of(invitation),
    }
    mails.write(MAIL if inviter else "owner_invitation", invitation.email, context)


@visible(Invitation.objects.pending)
@require_POST
def resend(request: MemberRequest, invitation: Invitation) -> HttpResponse:
    require(request, INVITE)
    if send(invitation, request.user):
        messages.success(request, f"Sent {invitation.email} a new link.")
    else:
        messages.error(request, TOO_MANY)
    return redirect("member_list")


@visible(Invitation.objects.pending)
@require_POST
def withdraw(request: MemberRequest, invitation: Invitation) -> HttpResponse:
    require(request, INVITE)
    with transaction.atomic():
        rows = Invitation.objects.pending().select_for_update()
        if row := rows.filter(pk=invitation.pk).first():
            row.withdrawn = timezone.now()
            row.save(update_fields=["withdrawn"])
    messages.success(request, f"Withdrew the invitation for {invitation.email}.")
    return redirect("member_list")


class AcceptForm(forms.ModelForm[User]):
    """Name and password of a new member. The email is that of the invitation."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="8 characters or more.",
        strip=False,
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        self.fields["first_name"].widget.attrs |= {"autocomplete": "given-name", "autofocus": True}
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", error)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Create the invited person's account, and sign them in."""
    invitation = invitation_of(token)
    if invitation is None or request.user.is_authenticated or has_account(invitation.email):
        context = {"invitation": invitation, "email": invitation.email if invitation else ""}
        status = 404 if invitation is None else 200
        return render(request, "accounts/members/not_accepted.html", context, status=status)
    new = User(organization=invitation.organization, role=invitation.role, email=invitation.email)
    form = AcceptForm(request.POST or None, instance=new)
    if form.is_valid() and (user := _create(invitation, form)):
        record_authentication(request, user, method="password", email=user.email)
        get_adapter(request).login(request, user)
        messages.success(request, f"Welcome to {invitation.organization}.")
        return redirect("home")
    status = 422 if form.is_bound else 200
    shown = {"form": form, "invitation": invitation}
    return render(request, "accounts/members/accept.html", shown, status=status)


def has_account(email: str) -> bool:
    return User.objects.filter(email__iexact=email).exists()


def _create(invitation: Invitation, form: AcceptForm) -> User | None:
    """Save the user, unless the invitation was accepted meanwhile."""
    user = form.instance
    user.set_password(form.cleaned_data["password"])
    user.username = free_username(invitation.email)
    open_rows = Invitation.objects.pending().filter(pk=invitation.pk, sent=invitation.sent)
    try:
        with transaction.atomic():
            if not open_rows.update(accepted=timezone.now()):
                return None
            user.save()
            Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
            trust(user)
    except IntegrityError:  # the username was taken meanwhile: try again
        form.add_error(None, "Try again.")
        return None
    return user


def free_username(email: str) -> str:
    """Return the part before the @, with a number if somebody has it."""
    wanted = email.partition("@")[0][:140]
    taken = set(
        User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)
    )
    lowered = {name.lower() for name in taken}
    names = [wanted, *(f"{wanted}{number}" for number in range(2, len(lowered) + 3))]
    return next(name for name in names if name not in lowered)

"""What django-allauth does differently here: who may sign in, which mails it writes, its words."""

from typing import Any, ClassVar

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from qrcode.image.svg import SvgPathFillImage

from smscenter.accounts import mails
from smscenter.accounts.models import User
from smscenter.accounts.signing_in import session_limits
from smscenter.client_address import client_address

WRONG = "Wrong username or password. Passwords are case-sensitive."


# After what django-allauth reports. What isn't listed says nothing, such as a sign-in.
MESSAGES = {
    "account/messages/password_changed.txt": "Password changed.",
    "account/messages/password_set.txt": "Password set.",
    "account/messages/email_confirmation_sent.txt": "Open the link we sent to {email}.",
    "account/messages/email_confirmed.txt": "Email confirmed: {email}.",
    "account/messages/email_confirmation_failed.txt": "{email} belongs to another account.",
    "account/messages/email_deleted.txt": "The change to {email} was canceled.",
    "mfa/messages/totp_activated.txt": "Authenticator app added.",
    "mfa/messages/totp_deactivated.txt": "Authenticator app removed.",
    "mfa/messages/webauthn_added.txt": "Passkey added.",
    "mfa/messages/webauthn_removed.txt": "Passkey removed.",
    "mfa/messages/recovery_codes_generated.txt": "New recovery codes created. The old ones no "
    "longer work.",
    "usersessions/messages/sessions_logged_out.txt": "Signed out everywhere else.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Sign-ins, passwords, and email addresses."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "email_taken": "This email belongs to another account.",
        "duplicate_email": "This is already your email.",
        "same_as_current": "This is already your email.",
        "incorrect_code": "Wrong code. Enter the newest one from your app.",
        "incorrect_password": "Wrong password.",
        "enter_current_password": "Wrong password.",
        "rate_limited": "Too many requests. Try again in a minute.",
        "too_many_login_attempts": "Too many attempts. Try again later.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail, so that a mail server that is down doesn't fail the page."""
        mails.write(template_prefix.rpartition("/")[2], email, context)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell people what changed about their account, at the email that it has."""
        if to := email or user.email:
            seen = {"timestamp": timezone.now(), "ip": client_address(self.request)}
            self.send_mail(template_prefix, to, seen | (context or {}))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *rest: Any,
        **options: Any,
    ) -> None:
        context = options.get("message_context") or (rest[0] if rest else {})
        words = options.get("message") or MESSAGES.get(message_template or "", "")
        if words:
            messages.add_message(request, level, words.format_map(context or {}))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address of the installation, not of the host that was asked for."""
        uid, _, token = key.partition("-")
        return settings.PUBLIC_URL + reverse("account_reset_password_from_key", args=[uid, token])

    def get_email_confirmation_url(self, _request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.PUBLIC_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("profile")

    def is_reauthentication_required(self, **_options: Any) -> bool:
        """Return whether to ask for the password again: not right after signing in."""
        return not session_limits.signed_in_recently(self.request)

    def respond_user_inactive(self, *_args: Any) -> HttpResponse:
        """Refuse as for a wrong password. The backend has done so before."""
        raise PermissionDenied


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Authenticator apps, passkeys, and recovery codes."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": "Confirm your new email first, or cancel its change.",
        "cannot_generate_recovery_codes": "Set up an app or a passkey first.",
    }

    def build_totp_svg(self, url: str) -> str:
        """Return the code on white, which apps can also read on a dark page."""
        image = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(image.to_string(encoding="unicode"))

    def _get_site_name(self) -> str:
        return "SMS Center"

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {number + 1}"

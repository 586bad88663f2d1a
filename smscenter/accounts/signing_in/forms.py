"""The forms of django-allauth, in our words, with the lockout also for codes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from smscenter.accounts import mails
from smscenter.accounts.backends import accounts_with_email
from smscenter.accounts.models import User
from smscenter.accounts.signing_in import lockout
from smscenter.accounts.signing_in.codes import codes_in_turn, is_first_use


def _name(form: forms.Form, **labels: str) -> None:
    """Set the labels of fields, and drop the placeholders that repeat them."""
    for name, label in labels.items():
        form.fields[name].label = label
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


@contextmanager
def counted(user: User) -> Iterator[None]:
    """Count what's refused inside like a wrong password at sign-in, and refuse after too many."""
    request = get_adapter().request
    if lockout.is_locked(request, user):
        raise get_adapter().validation_error("too_many_login_attempts")
    try:
        yield
    except ValidationError:
        lockout.count_failure(request, user)
        raise


class SignInForm(account.LoginForm):  # type: ignore[misc] # allauth has no types
    """Ask for an email or a username. The backend knows both (backends.py)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = self.fields.pop("login")
        self.order_fields(["username", "password"])
        _name(self, username="Username or email", password="Password")  # noqa: S106 - a label
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""

    def user_credentials(self) -> dict[str, str]:
        return {
            "username": self.cleaned_data["username"].strip(),
            "password": self.cleaned_data["password"],
        }

    def clean(self) -> Any:
        if "username" in self.cleaned_data:
            self.cleaned_data["login"] = self.cleaned_data["username"]
        return super().clean()


class ResetPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """Send a link to everybody with this email."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, email="Email")

    def clean_email(self) -> str:
        """Find by the account's email, not by one that was confirmed before it changed."""
        email: str = self.cleaned_data["email"]
        self.users = accounts_with_email(email)
        return email

    def save(self, _request: HttpRequest, **_options: Any) -> str:
        email: str = self.cleaned_data["email"]
        for user in self.users:
            mails.write("password_reset_key", user.email, _link_for(user))
        if not self.users:
            # Take as long as for a known address, or the time would tell which ones are known.
            mails.rehearse("password_reset_key", email, _link_for(User(pk=0)))
        return email


def _link_for(user: User) -> dict[str, str]:
    key = f"{user_pk_to_url_str(user)}-{account.default_token_generator.make_token(user)}"
    url = get_adapter().get_reset_password_from_key_url(key)
    return {"username": user.username, "password_reset_url": url}


class NewPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password1="New password", password2="New password again")


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(
            self,
            oldpassword="Current password",
            password1="New password",
            password2="New password again",
        )

    def clean_oldpassword(self) -> str:
        with counted(self.user):
            password: str = super().clean_oldpassword()
        return password


class ChangeEmailForm(account.AddEmailForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, email="New email")


class PasswordAgainForm(account.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password="Password")  # noqa: S106
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True


class _UsesCode:
    """Count wrong codes as wrong passwords, by name and client address. Right ones work once."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        with counted(self.user), codes_in_turn(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
            if not is_first_use(self.authenticator, code):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_UsesCode, mfa.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code="Code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class CodeAgainForm(_UsesCode, mfa.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code="Code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, code="Code from the app")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class _ReadsPasskeys:
    """Refuse what no browser sends like a wrong passkey. django-allauth fails on some of it."""

    data: Any

    def full_clean(self) -> None:
        try:
            super().full_clean()  # type: ignore[misc]
        except (LookupError, RecursionError, TypeError, ValueError):
            self.data = {}  # which the page would show again
            wrong = get_adapter().validation_error("incorrect_code")
            self.add_error("credential", wrong)  # type: ignore[attr-defined]


class PasskeyForm(_ReadsPasskeys, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyAsCodeForm(_ReadsPasskeys, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyAgainForm(_ReadsPasskeys, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(_ReadsPasskeys, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Add a passkey, which always signs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        _name(self, name="Name")
        self.fields["name"].help_text = "For example, “MacBook” or “Security key”."

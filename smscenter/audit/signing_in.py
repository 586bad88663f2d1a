"""Record sign-ins, sign-outs, failures, passwords, and changes of two-step sign-in."""

from typing import Any

from axes.signals import user_locked_out
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Q
from django.dispatch import Signal, receiver
from django.http import HttpRequest
from django.utils.module_loading import import_string

from smscenter.accounts.models import User
from smscenter.audit.context import acting_user
from smscenter.audit.recording import record

# What allauth calls the ways to prove who you are.
AUTHENTICATORS = {"totp": "an authenticator app", "webauthn": "a passkey",
                  "recovery_codes": "recovery codes"}  # fmt: skip
# An account that doesn't exist. Never the name that was typed: people type passwords there.
UNKNOWN_ACCOUNT = "an unknown account"


@receiver(user_logged_in)
def record_sign_in(user: User, **_: Any) -> None:
    record("signed_in", by=user)


@receiver(user_logged_out)
def record_sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        # Not the member whom support staff viewed as.
        record("signed_out", by=acting_user() or user)


@receiver(user_login_failed)
def record_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Record a wrong password, but no further tries of someone who's locked out already."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        typed = credentials.get("username") or credentials.get("email") or ""
        _record_of_account("sign_in_failed", typed)


@receiver(user_locked_out)
def record_lockout(username: str | None = None, **_: Any) -> None:
    _record_of_account("locked_out", username or "")


def _record_of_account(action: str, name: str) -> None:
    name = name[:254].replace("\0", "")
    named = Q(username=name) | Q(email__iexact=name)
    account = User.objects.filter(named).order_by("pk").first() if name else None
    if account is None:
        record(action, name=UNKNOWN_ACCOUNT)
    else:
        record(action, account)


def _record_password(user: User, signal: Signal, **_: Any) -> None:
    record("password_reset" if signal is _allauth("password_reset") else "password_changed", user)


def _record_authenticator(user: User, signal: Signal, authenticator: Any, **_: Any) -> None:
    kind = AUTHENTICATORS.get(str(authenticator.type), "a way to sign in")
    verb = "removed" if signal is _allauth("authenticator_removed", "mfa") else "set up"
    record("two_step_changed", user, note=f"{verb} {kind}")


def _allauth(name: str, app: str = "account") -> Signal:
    signal: Signal = import_string(f"allauth.{app}.signals.{name}")
    return signal


def connect() -> None:
    """Listen to allauth where it's installed."""
    if apps.is_installed("allauth.account"):
        for name in ("password_set", "password_changed", "password_reset"):
            _allauth(name).connect(_record_password)
    if apps.is_installed("allauth.mfa"):
        for name in ("authenticator_added", "authenticator_removed", "authenticator_reset"):
            _allauth(name, "mfa").connect(_record_authenticator)

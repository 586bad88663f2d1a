"""Settings of people: how they sign in, and how often they can try."""

from typing import Any

from environs import Env, validate

VALIDATORS = (
    "UserAttributeSimilarityValidator",
    "MinimumLengthValidator",
    "CommonPasswordValidator",
    "NumericPasswordValidator",
)


MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
# What django-allauth limits per process. django-axes counts wrong passwords and codes in the
# database instead, by name and client address, so that no one can lock out anyone else.
RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "reauthenticate": None,
    "change_password": None,
    # The same for known and unknown addresses. The mails have a limit of their own (mails.py).
    "reset_password": "20/m/ip",
    "confirm_email": None,
    "signup": "5/m/ip,20/h/ip",
}


def read(env: Env, *, debug: bool) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
    return _passwords(env) | _accounts(env) | _second_factor(env, debug=debug) | _sessions(env)


def _passwords(env: Env) -> dict[str, Any]:
    several = validate.Range(min=2)
    return {
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "smscenter.accounts.backends.MemberBackend",
        ],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}"} for name in VALIDATORS
        ],
        "LOGIN_URL": "sign_in",
        "LOGIN_REDIRECT_URL": "home",
        "LOGOUT_REDIRECT_URL": "sign_in",
        "AXES_FAILURE_LIMIT": 10,
        "AXES_COOLOFF_TIME": 0.25,  # hours
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_HANDLER": "smscenter.accounts.signing_in.lockout.LockoutHandler",
        "AXES_USERNAME_CALLABLE": "smscenter.accounts.signing_in.lockout.name_of",
        "AXES_CLIENT_IP_CALLABLE": "smscenter.client_address.client_address",
        "AXES_LOCKOUT_CALLABLE": "smscenter.accounts.signing_in.lockout.locked_out",
        "AXES_RESET_ON_SUCCESS": True,
        # Otherwise, the page would say that people can try again at a time when they're still
        # locked out.
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        # Limits per client address in AXES_COOLOFF_TIME: different names, and wrong passwords of
        # all names. More than an office behind one address gets wrong.
        "SIGN_IN_NAMES_PER_CLIENT": env.int(
            "SIGN_IN_NAMES_PER_CLIENT", default=20, validate=several
        ),
        "SIGN_IN_FAILURES_PER_CLIENT": env.int(
            "SIGN_IN_FAILURES_PER_CLIENT", default=50, validate=several
        ),
        # Where people who can't sign in can reach support staff. If it's empty, nothing is shown.
        "SUPPORT_EMAIL": env.str("SUPPORT_EMAIL", default=""),
    }


def _accounts(env: Env) -> dict[str, Any]:
    """Return django-allauth's settings."""
    return {
        "ACCOUNT_ADAPTER": "smscenter.accounts.signing_in.adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        # django-allauth's own sign-up creates accounts before their email is confirmed.
        "ACCOUNT_SIGNUP_ENABLED": False,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_CONFIRM_EMAIL_ON_GET": False,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR": (
            "django.contrib.auth.tokens.PasswordResetTokenGenerator"
        ),
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": False,
        "ACCOUNT_PRESERVE_USERNAME_CASING": True,
        "ACCOUNT_RATE_LIMITS": RATE_LIMITS,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_REAUTHENTICATION_METHODS": {"password", "mfa"},
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 15 * MINUTE,
        "ACCOUNT_USER_DISPLAY": str,
        "ACCOUNT_FORMS": {
            "login": "smscenter.accounts.signing_in.forms.SignInForm",
            "reset_password": "smscenter.accounts.signing_in.forms.ResetPasswordForm",
            "reset_password_from_key": "smscenter.accounts.signing_in.forms.NewPasswordForm",
            "change_password": "smscenter.accounts.signing_in.forms.ChangePasswordForm",
            "add_email": "smscenter.accounts.signing_in.forms.ChangeEmailForm",
            "reauthenticate": "smscenter.accounts.signing_in.forms.PasswordAgainForm",
        },
        # Whether anyone can create an organization (sign_up.py). Otherwise, people are invited.
        "OPEN_SIGN_UP": env.bool("OPEN_SIGN_UP", default=False),
        # How long the link of a mail works.
        "PASSWORD_RESET_TIMEOUT": 4 * HOUR,
    }


def _second_factor(env: Env, *, debug: bool) -> dict[str, Any]:
    return {
        "MFA_ADAPTER": "smscenter.accounts.signing_in.adapters.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # Administrators and invitations set emails, never strangers.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": debug,
        "MFA_TOTP_ISSUER": "SMS Center",
        # A code works for half a minute before and after its own.
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_FORMS": {
            "authenticate": "smscenter.accounts.signing_in.forms.CodeForm",
            "reauthenticate": "smscenter.accounts.signing_in.forms.CodeAgainForm",
            "activate_totp": "smscenter.accounts.signing_in.forms.SetUpAppForm",
            "add_webauthn": "smscenter.accounts.signing_in.forms.AddPasskeyForm",
            "login_webauthn": "smscenter.accounts.signing_in.forms.PasskeyForm",
            "authenticate_webauthn": "smscenter.accounts.signing_in.forms.PasskeyAsCodeForm",
            "reauthenticate_webauthn": "smscenter.accounts.signing_in.forms.PasskeyAgainForm",
        },
        # Whether support staff and administrators must have a second factor. An organization
        # decides for its own members.
        "STAFF_SECOND_FACTOR": env.bool("STAFF_SECOND_FACTOR", default=not debug),
    }


def _sessions(env: Env) -> dict[str, Any]:
    number = validate.Range(min=0)
    hours = env.int("SIGN_OUT_AFTER_HOURS", default=14 * 24, validate=number)
    return {
        # 0 means never, and the browser forgets the session after a year.
        "SIGN_OUT_IDLE_MINUTES": env.int("SIGN_OUT_IDLE_MINUTES", default=24 * 60, validate=number),
        "SIGN_OUT_AFTER_HOURS": hours,
        "SESSION_COOKIE_AGE": hours * HOUR or 365 * DAY,
    }

"""Settings of people: how they sign in, and how often they can try."""

from typing import Any

from environs import Env, validate

VALIDATORS = (
    "UserAttributeSimilarityValidator",
    "MinimumLengthValidator",
    "CommonPasswordValidator",
    "NumericPasswordValidator",
)


def read(env: Env) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
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
        "AXES_HANDLER": "smscenter.accounts.lockout.LockoutHandler",
        "AXES_CLIENT_IP_CALLABLE": "smscenter.client_address.client_address",
        "AXES_LOCKOUT_CALLABLE": "smscenter.accounts.lockout.locked_out",
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

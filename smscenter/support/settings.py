"""Settings of the support center: its targets, and replies by email."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

SHORTEST_SECRET = 20


def read(env: Env) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
    positive = validate.Range(min=1)
    return {
        # Requests that wait longer are overdue, in hours since they were submitted.
        "FIRST_REPLY_TARGET_HOURS": env.int(
            "FIRST_REPLY_TARGET_HOURS", default=8, validate=positive
        ),
        "DECISION_TARGET_HOURS": env.int("DECISION_TARGET_HOURS", default=72, validate=positive),
        # Where people reply to emails about requests. If it's empty, they reply on the page.
        "REPLY_EMAIL": _reply_email(env),
        # The password of mail services that post to /mail/. If it's empty, none can.
        "REPLY_EMAIL_SECRET": _secret(env),
        # How long replies are added to a request after support decided.
        "REPLY_EMAIL_DAYS": env.int("REPLY_EMAIL_DAYS", default=14, validate=positive),
    }


def _reply_email(env: Env) -> str:
    address: str = env.str("REPLY_EMAIL", default="")
    name, at, domain = address.partition("@")
    if address and not (name and at and domain and "+" not in name):
        raise ImproperlyConfigured(
            f"REPLY_EMAIL is {address!r}, not an email address without a plus sign."
        )
    return address


def _secret(env: Env) -> str:
    secret: str = env.str("REPLY_EMAIL_SECRET", default="")
    if secret and len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"REPLY_EMAIL_SECRET is too short: use {SHORTEST_SECRET} characters or more."
        )
    return secret

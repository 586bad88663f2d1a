"""Settings of sending: time limits, and how much people can send.

Those of carriers are in messaging/carriers.
"""

import re
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

TRIAL_SENDER = re.compile(r"(\w+)(?:/(\w+))?:(\+[1-9]\d{7,14})")


class TrialSender(NamedTuple):
    """The number from which organizations send texts before they have one of their own."""

    carrier: str
    account: str
    phone: str


def read(env: Env) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
    not_negative = validate.Range(min=0)
    return {
        "CARRIER_SUPPORT_EMAILS": _support_emails(env),
        # How long a worker can hold a message before another one takes over, in seconds. Longer
        # than the pacing window and the carrier's timeout together.
        "SEND_LEASE_SECONDS": env.int("SEND_LEASE_SECONDS", default=60),
        "CARRIER_TIMEOUT_SECONDS": env.int("CARRIER_TIMEOUT_SECONDS", default=15),
        # How many days to remember a carrier's report that a number is a landline or doesn't exist.
        "FORGET_LANDLINES_DAYS": env.int(
            "FORGET_LANDLINES_DAYS", default=180, validate=not_negative
        ),
        # After this many in a row, a carrier's texts wait (messaging/carriers/breaker.py).
        "CARRIER_FAILURES_BEFORE_PAUSE": env.int(
            "CARRIER_FAILURES_BEFORE_PAUSE", default=5, validate=validate.Range(min=1)
        ),
        # Whether managers can add sender numbers. Turn it off if several organizations share a
        # carrier's account: only administrators know whose number is whose.
        "MANAGERS_ADD_SENDERS": env.bool("MANAGERS_ADD_SENDERS", default=True),
        # Without it, there's no trial mode (messaging/composing/trial.py).
        "TRIAL_SENDER": _trial_sender(env),
        # How long people can undo Send. 0 turns it off.
        "SEND_UNDO_SECONDS": env.int("SEND_UNDO_SECONDS", default=5, validate=not_negative),
        # Texts in an hour. 0 means no limit.
        "TEXTS_PER_HOUR_TO_NUMBER": env.int(
            "TEXTS_PER_HOUR_TO_NUMBER", default=20, validate=not_negative
        ),
        "TEXTS_PER_HOUR_BY_USER": env.int(
            "TEXTS_PER_HOUR_BY_USER", default=200, validate=not_negative
        ),
        "TEXTS_PER_HOUR_BY_ORGANIZATION": env.int(
            "TEXTS_PER_HOUR_BY_ORGANIZATION", default=5000, validate=not_negative
        ),
        # New leads from unknown senders, per organization (messaging/incoming/unmatched.py).
        "UNKNOWN_SENDER_LEADS_PER_HOUR": env.int(
            "UNKNOWN_SENDER_LEADS_PER_HOUR", default=20, validate=not_negative
        ),
    }


def _trial_sender(env: Env) -> TrialSender | None:
    """Return the number in `carrier:+14155550100`, or `carrier/account:+14155550100`."""
    given = env.str("TRIAL_SENDER", default="")
    if given and not (found := TRIAL_SENDER.fullmatch(given)):
        raise ImproperlyConfigured(
            f"TRIAL_SENDER is {given!r}, not a carrier and a number like twilio:+14155550100."
        )
    return TrialSender(found[1], found[2] or "", found[3]) if given and found else None


def _support_emails(env: Env) -> dict[str, str]:
    """Return where each carrier accepts whitelist requests: `carrier=address,other=address`."""
    emails: dict[str, str] = env.dict("CARRIER_SUPPORT_EMAILS", default={})
    for address in emails.values():
        if "@" not in address:
            raise ImproperlyConfigured(
                f"CARRIER_SUPPORT_EMAILS has {address!r}, which isn't an email address."
            )
    return emails

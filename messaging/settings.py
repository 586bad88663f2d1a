"""Settings of sending: the carriers in use, their time limits, and how much people can send."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from messaging import carriers


def read(env: Env, *, debug: bool) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
    # Keys of the carriers that this installation uses: folders of messaging/carriers.
    default = carriers.DEFAULT_IN_DEBUG if debug else carriers.DEFAULT
    not_negative = validate.Range(min=0)
    enabled = env.list("CARRIERS", default=[default])
    return {
        "CARRIERS": enabled,
        # Each carrier reads its other settings in its settings.py.
        **carriers.read_settings(env, enabled, debug=debug),
        "CARRIER_SUPPORT_EMAILS": _support_emails(env),
        # How long a worker can hold a message before another one takes over, in seconds. Longer
        # than the pacing window and the carrier's timeout together.
        "SEND_LEASE_SECONDS": env.int("SEND_LEASE_SECONDS", default=60),
        "CARRIER_TIMEOUT_SECONDS": env.int("CARRIER_TIMEOUT_SECONDS", default=15),
        # How many days to remember a carrier's report that a number is a landline or doesn't exist.
        "FORGET_LANDLINES_DAYS": env.int(
            "FORGET_LANDLINES_DAYS", default=180, validate=not_negative
        ),
        # After this many in a row, a carrier's texts wait (messaging/outgoing/breaker.py).
        "CARRIER_FAILURES_BEFORE_PAUSE": env.int(
            "CARRIER_FAILURES_BEFORE_PAUSE", default=5, validate=validate.Range(min=1)
        ),
        # Whether managers can add sender numbers. Turn it off if several organizations share a
        # carrier's account: only administrators know whose number is whose.
        "MANAGERS_ADD_SENDERS": env.bool("MANAGERS_ADD_SENDERS", default=True),
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


def _support_emails(env: Env) -> dict[str, str]:
    """Return where each carrier accepts whitelist requests: `carrier=address,other=address`."""
    emails: dict[str, str] = env.dict("CARRIER_SUPPORT_EMAILS", default={})
    for address in emails.values():
        if "@" not in address:
            raise ImproperlyConfigured(
                f"CARRIER_SUPPORT_EMAILS has {address!r}, which isn't an email address."
            )
    return emails

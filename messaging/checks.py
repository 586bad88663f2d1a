"""System checks: a misconfigured carrier is said at the start, not at the first text."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# A worker hands over what its sender's rate allows within this time, in seconds.
PACING_SECONDS = 1


@register("messaging")
def carriers_are_known(**_: Any) -> Iterator[CheckMessage]:
    from messaging.carriers import REGISTRY

    known = ", ".join(sorted(REGISTRY))
    if not settings.CARRIERS:
        yield Error(
            "CARRIERS names no carrier, so no text can be sent.",
            hint=f"Name one or more of: {known}.",
            id="messaging.E001",
        )
    for key in settings.CARRIERS:
        if key not in REGISTRY:
            yield Error(
                f"CARRIERS names {key!r}, which is no carrier.",
                hint=f"The carriers are: {known}.",
                id="messaging.E002",
            )


@register("messaging")
def twilio_has_credentials(**_: Any) -> Iterator[CheckMessage]:
    if "twilio" not in settings.CARRIERS:
        return
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        if not getattr(settings, name):
            yield Error(
                f"Twilio is among CARRIERS, and {name} is missing.",
                hint="Both are on the first page of Twilio's console.",
                id="messaging.E003",
            )


@register("messaging")
def lease_outlasts_the_carrier(**_: Any) -> Iterator[CheckMessage]:
    """Otherwise a second worker takes a message over while the first still waits for an answer."""
    lease, time_out = settings.SEND_LEASE_SECONDS, settings.CARRIER_TIMEOUT_SECONDS
    if time_out <= 0 or lease <= time_out + PACING_SECONDS:
        yield Error(
            f"SEND_LEASE_SECONDS is {lease}, and CARRIER_TIMEOUT_SECONDS is {time_out}: "
            "a text might be sent twice.",
            hint=f"Make the time-out positive, and the lease longer than it by {PACING_SECONDS} "
            "second or more; four times as long is a good choice.",
            id="messaging.E004",
        )


@register(Tags.security, deploy=True)
def sandbox_is_for_development(**_: Any) -> Iterator[CheckMessage]:
    if "sandbox" in settings.CARRIERS and not settings.DEBUG:
        yield Error(
            "The sandbox is among CARRIERS, and it sends nothing to real phones.",
            hint="Remove it where people work. In a place to practice, expect this one error.",
            id="messaging.E005",
        )

"""System checks that report a misconfigured carrier at the start, not at the first text."""

from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from messaging import carriers
from messaging.carriers.not_set_up import not_set_up

# A worker sends what a sender number's rate allows within this time, in seconds.
PACING_SECONDS = 1


@register("messaging")
def carriers_are_known(**_: Any) -> Iterator[CheckMessage]:
    known = ", ".join(sorted(carriers.REGISTRY))
    if not settings.CARRIERS:
        yield Error(
            "CARRIERS is empty, so no texts can be sent.",
            hint=f"Set it to one or more of: {known}.",
            id="messaging.E001",
        )
    for key in settings.CARRIERS:
        if key not in carriers.REGISTRY:
            yield Error(
                f"CARRIERS contains {key!r}, which isn't a carrier.",
                hint=f"Available carriers: {known}.",
                id="messaging.E002",
            )


@register("messaging")
def carriers_are_configured(**_: Any) -> Iterator[CheckMessage]:
    yield from carriers.check()


@register(Tags.security, deploy=True)
def carriers_are_for_production(**_: Any) -> Iterator[CheckMessage]:
    yield from carriers.check(deploy=True)


@register("messaging")
def trial_sender_is_configured(**_: Any) -> Iterator[CheckMessage]:
    trial = settings.TRIAL_SENDER
    if trial and not carriers.is_configured(trial.carrier, trial.account):
        account = f" with an account named {trial.account}" if trial.account else ""
        yield Error(
            f"TRIAL_SENDER needs the carrier {trial.carrier}{account}, which isn't set up.",
            hint="Use a carrier of CARRIERS, or remove TRIAL_SENDER to turn off trial mode.",
            id="messaging.E017",
        )


@register("messaging")
def lease_outlasts_the_carrier(**_: Any) -> Iterator[CheckMessage]:
    """Require a lease longer than a request, or two workers might send the same text."""
    lease, time_out = settings.SEND_LEASE_SECONDS, settings.CARRIER_TIMEOUT_SECONDS
    if time_out <= 0 or lease <= time_out + PACING_SECONDS:
        yield Error(
            f"SEND_LEASE_SECONDS is {lease}, and CARRIER_TIMEOUT_SECONDS is {time_out}: "
            "a text might be sent twice.",
            hint="Set a positive timeout, and a lease that's longer by at least "
            f"{PACING_SECONDS} second. Four times the timeout is a good choice.",
            id="messaging.E004",
        )


@register(Tags.database)
def senders_are_set_up(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn about sender numbers that can't send. Runs with `--database default`, and `migrate`."""
    if not databases or DEFAULT_DB_ALIAS not in databases:
        return []
    try:
        return [
            checks.Warning(
                str(found),
                hint="Add it to the settings, or edit or turn off the numbers in the admin.",
                id="messaging.W012",
            )
            for found in not_set_up()
        ]
    except DatabaseError:
        return []  # not migrated yet, or down: other commands say so

"""What pages show about paused carriers."""

from typing import Any

from django import template

from messaging.carriers.outages import Outage, noticed_by
from messaging.models import Attempt

register = template.Library()


@register.inclusion_tag("messaging/_outages.html", takes_context=True)
def carrier_outages(context: dict[str, Any]) -> dict[str, Any]:
    """Show the paused carriers that the reader's organization uses."""
    return {"outages": _outages(context)}


@register.simple_tag(takes_context=True)
def outage_of(context: dict[str, Any], attempt: Attempt | None) -> Outage | None:
    """Return the outage that a queued attempt waits for, if any."""
    if attempt is None or attempt.state not in {Attempt.State.QUEUED, Attempt.State.SENDING}:
        return None
    found = (outage for outage in _outages(context) if outage.health.carrier == attempt.carrier)
    return next(found, None)


def _outages(context: dict[str, Any]) -> list[Outage]:
    """Return the reader's outages, read once per request."""
    request = context.get("request")
    organization = getattr(getattr(request, "user", None), "organization", None)
    if organization is None:
        return []
    if not hasattr(request, "_outages"):
        request._outages = noticed_by(organization)  # type: ignore[union-attr]
    found: list[Outage] = request._outages  # type: ignore[union-attr]
    return found

from typing import Any

from django import template
from django.conf import settings

from messaging import carriers
from messaging.diagnosis import code_map, unclassified
from messaging.models import Attempt, CarrierEvent, SenderNumber
from messaging.models.reason import Reason

register = template.Library()


@register.filter
def carrier_label(key: str) -> str:
    """Return the carrier's display name: `{{ attempt.carrier|carrier_label }}`."""
    return carriers.label(key)


@register.filter
def is_set_up(sender: SenderNumber) -> bool:
    """Return whether this installation can send from a number."""
    return carriers.is_configured(sender.carrier, sender.account)


@register.filter
def carriers_with(code_map_key: str) -> str:
    """Return the names of the carriers in use that have these codes: `{{ map|carriers_with }}`."""
    used = [key for key in settings.CARRIERS if carriers.code_map(key) == code_map_key]
    return ", ".join(map(carriers.label, used))


@register.simple_tag(takes_context=True)
def what_to_fix(context: dict[str, Any], attempt: Attempt) -> str:
    """Return what someone has to do before a failed text can be resent. Read once per request."""
    if not attempt.code or attempt.reason == Reason.UNSUPPORTED_COUNTRY:
        # Nobody can fix where a number is.
        return ""
    request = context.get("request")
    known: dict[tuple[str, str], str] | None = getattr(request, "_fixes", None)
    if known is None:
        known = code_map.fixes()
        if request is not None:
            request._fixes = known
    return known.get((carriers.code_map(attempt.carrier), attempt.code), "")


@register.simple_tag
def unclassified_codes() -> int:
    """Return how many carrier codes wait for staff to classify them."""
    return unclassified.count()


@register.filter
def reported(event: CarrierEvent) -> str:
    """Return the state, code, and message that a status callback reports."""
    try:
        report = carriers.get(event.carrier).read_status(event.payload)
    except KeyError:  # no longer used
        return ""
    return " ".join(filter(None, [report.state, report.code, report.words]))

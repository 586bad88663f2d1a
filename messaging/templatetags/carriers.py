from django import template

from messaging import carriers
from messaging.models import CarrierEvent

register = template.Library()


@register.filter
def carrier_label(key: str) -> str:
    """Return the carrier's display name: `{{ attempt.carrier|carrier_label }}`."""
    return carriers.label(key)


@register.filter
def reported(event: CarrierEvent) -> str:
    """Return the state, code, and message that a status callback reports."""
    try:
        report = carriers.get(event.carrier).read_status(event.payload)
    except KeyError:  # no longer used
        return ""
    return " ".join(filter(None, [report.state, report.code, report.words]))

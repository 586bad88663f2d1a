from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(known: Mapping[str, Any], phone: str) -> Any:
    """Return the mapping's value for a number: `{{ facts|of:phone.phone }}`."""
    return known.get(phone, ())

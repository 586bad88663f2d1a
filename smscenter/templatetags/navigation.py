from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("_navigation_link.html", takes_context=True)
def navigation_link(context: dict[str, Any], name: str, label: str, *, icon: str) -> dict[str, Any]:
    """Link to a page, and mark the link while that page or one below it is open."""
    url = reverse(name)
    return {"url": url, "label": label, "icon": icon, "is_current": url in context["request"].path}

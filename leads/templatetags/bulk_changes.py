"""In lists, the last change of many rows and what to change: `{% bulk_change_toast %}`."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from leads.models import BulkChange
from leads.views import bulk

register = template.Library()


@register.inclusion_tag("leads/_bulk_change.html", takes_context=True)
def bulk_change_toast(context: dict[str, Any]) -> dict[str, Any]:
    """Show the person's last change of many rows: until it's done, and once after that."""
    request = context["request"]
    if bulk.SESSION_KEY not in request.session:
        return {}
    rows = BulkChange.objects.visible_to(request.user).for_page()
    change = rows.filter(pk=request.session[bulk.SESSION_KEY]).first()
    if change is None or not change.is_in_work:
        del request.session[bulk.SESSION_KEY]
    shown = bulk.shown(change, request.user) if change else {}
    return shown | {"csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def bulk_options(context: dict[str, Any], model: str) -> SafeString:
    """Offer changes in the bar below a list, in groups. Its page offers all people."""
    groups = bulk.choices(context["request"], BulkChange.Model(model))
    return _options(tuple((label, tuple(each[: bulk.MOST_IN_BAR])) for label, each in groups))


@lru_cache(maxsize=200)  # An organization's are the same on each page.
def _options(groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> SafeString:
    return render_to_string("leads/_bulk_options.html", {"groups": groups})

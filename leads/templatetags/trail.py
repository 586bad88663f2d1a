"""In a list: `{% mark_trail listing page.rows %}`; on the page of one row: `{% list_trail %}`."""

from collections.abc import Sequence
from typing import Any

from django import template

from leads.models import Lead
from leads.views.lists import LEADS
from search.answering import trail
from search.answering.list_pages import Listing

register = template.Library()


@register.simple_tag
def mark_trail(listing: Listing, rows: Sequence[Any]) -> str:
    """Let the links of these rows lead on to the next row, by their `trail`."""
    for row, each in zip(rows, trail.trails(listing, rows), strict=True):
        row.trail = each
    return ""


@register.inclusion_tag("leads/_trail.html", takes_context=True)
def list_trail(context: dict[str, Any]) -> dict[str, Any]:
    """Show the place of the open lead in the search that it was opened from."""
    request = context["request"]
    if "at" not in request.GET:
        return {"trail": None}
    listing = Listing(LEADS, request, lambda: Lead.objects.visible_to(request.user))
    return {"trail": trail.follow(listing)}

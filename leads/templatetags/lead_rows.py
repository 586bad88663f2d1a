"""In a list of leads: `{% lead_rows listing page.rows actions %}`."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from leads.rows import list_marks
from leads.rows.lead_rows import LeadRow
from search.answering.list_actions import ListAction
from search.answering.list_pages import Listing
from search.answering.trail import trails
from smscenter.rendering.row_templates import render_rows

register = template.Library()


@register.simple_tag
def lead_rows(listing: Listing, leads: Sequence[Any], actions: Sequence[ListAction]) -> SafeString:
    """Show a row for each lead, with its last text and the marks of all apps."""
    shown, details, marks = listing.shown, list_marks.details_of(leads), list_marks.marks_of(leads)
    rows = [
        LeadRow(lead, shown, bool(actions), details, marks.get(lead.id, ""), trail)
        for lead, trail in zip(leads, trails(listing, leads), strict=True)
    ]
    return render_rows("leads/_row.html", rows)

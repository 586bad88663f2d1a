"""In a list of leads: `{% lead_rows page.rows listing.shown actions %}`."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from leads import list_marks
from leads.lead_rows import LeadRow
from leads.models import Lead
from search.answering.list_actions import ListAction
from smscenter.row_templates import render_rows

register = template.Library()


@register.simple_tag
def lead_rows(
    leads: Sequence[Lead], shown: frozenset[str], actions: Sequence[ListAction]
) -> SafeString:
    """Show a row for each lead, with its last text and the marks of all apps."""
    list_marks.mark(leads)
    rows = [LeadRow(lead, shown, is_selectable=bool(actions)) for lead in leads]
    return render_rows("leads/_row.html", rows)

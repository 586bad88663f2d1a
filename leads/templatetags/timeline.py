"""In a timeline: `{% activities timeline.activities %}`, or `{% activities new %}`."""

from collections.abc import Iterable

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from leads.rows.activity_rows import ActivityRow
from leads.timeline import Activity
from smscenter.rendering.row_templates import render_rows

register = template.Library()


@register.simple_tag(takes_context=True)
def activities(context: Context, shown: Iterable[Activity]) -> SafeString:
    """Show each activity, with the context of the page."""
    return render_rows("leads/_activity_row.html", [ActivityRow(each, context) for each in shown])

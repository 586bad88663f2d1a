"""In a list of leads: `{% mark_latest_sms page.rows %}`, before the rows."""

from collections.abc import Sequence

from django import template

from leads import list_marks
from leads.models import Lead

register = template.Library()


@register.simple_tag
def mark_latest_sms(leads: Sequence[Lead]) -> str:
    """Read the marks of all rows at once."""
    list_marks.mark(leads)
    return ""

from django import template

from leads.models import LeadStatus

register = template.Library()

DOTS = 6  # of `.status` in lists.css


@register.filter
def dot(status: LeadStatus) -> int:
    """Return the number of a status's color, in the order of the organization's statuses."""
    return status.position % DOTS

"""The bell, where a page brings it with something else."""

from typing import Any

from django import template

from smscenter.accounts.models import User
from smscenter.notifications.bell import bell_of

register = template.Library()


@register.inclusion_tag("notifications/_bell.html")
def bell(user: User) -> dict[str, Any]:
    """Replace the number of unread notifications and the badges wherever they are on the page."""
    return bell_of(user)

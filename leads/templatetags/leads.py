from functools import lru_cache

from django import template
from django.template.loader import render_to_string

from leads.models import LeadStatus
from smscenter.accounts.templatetags import people

register = template.Library()

DOTS = 6  # of `.status` in lists.css


@register.filter
def dot(status: LeadStatus) -> int:
    """Return the number of a status's color, in the order of the organization's statuses."""
    return status.position % DOTS


@register.simple_tag
def owner_avatar(owner: object) -> str:
    """Show the avatar of a lead's owner: a few people own all the leads of a list."""
    return _avatar(str(owner))


@lru_cache(maxsize=1_000)
def _avatar(name: str) -> str:
    context = people.avatar(name)
    return render_to_string("_avatar.html", context)

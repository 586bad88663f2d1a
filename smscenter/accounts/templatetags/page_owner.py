from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser

from smscenter.accounts.page_owner import page_owner

register = template.Library()


@register.simple_tag(takes_context=True, name="page_owner")
def owner_of_page(context: dict[str, Any]) -> str:
    """Return the signed ID of the user who opened this page: `{% page_owner %}`."""
    return page_owner(context.get("user") or AnonymousUser())

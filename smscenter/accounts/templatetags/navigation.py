from typing import Any

from django import template

from smscenter.accounts.destinations import Destination, destinations_for
from smscenter.accounts.models import User
from smscenter.accounts.settings_pages import settings_pages_for

register = template.Library()

IN_THE_BAR = 4  # links that a phone has room for, next to "More"


@register.inclusion_tag("_navigation_links.html", takes_context=True)
def navigation_links(context: dict[str, Any], part: str = "") -> dict[str, Any]:
    """Link to the pages in the navigation, and mark the one whose section is open.

    On a phone, the links after the first four are hidden. `{% navigation_links "rest" %}` shows
    those in another place.
    """
    links = [each for each in destinations_for(context["user"]) if each.place is not None]
    shown = links[IN_THE_BAR:] if part == "rest" else links
    return {
        "links": shown,
        "rest": links[IN_THE_BAR:],
        "path": context["request"].path,
        "part": part,
    }


@register.inclusion_tag("_badges.html")
def navigation_badges(user: User) -> dict[str, Any]:
    """Count what the badges show, and replace them wherever they are on the page."""
    links = [each for each in destinations_for(user) if each.badge]
    return {"badges": [(each, each.badge(user)) for each in links if each.badge]}


@register.inclusion_tag("accounts/settings/_navigation.html", takes_context=True)
def settings_navigation(context: dict[str, Any]) -> dict[str, Any]:
    """Link to the settings pages that the user may open, and mark the open one."""
    return {"pages": settings_pages_for(context["user"]), "path": context["request"].path}


@register.simple_tag
def destinations_of(user: User) -> list[Destination]:
    return destinations_for(user)


@register.filter
def is_open(link: Destination, path: str) -> bool:
    """Return whether the page at `path` is the destination, or is below it."""
    return path == link.url or (link.url != "/" and path.startswith(link.url))

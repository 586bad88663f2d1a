from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string

from smscenter.accounts.destinations import Destination, destinations_for
from smscenter.accounts.models import User
from smscenter.accounts.settings_pages import settings_pages_for

register = template.Library()

IN_THE_BAR = 4  # links that a phone has room for, next to "More"


@register.simple_tag(takes_context=True)
def navigation_links(context: dict[str, Any], part: str = "") -> str:
    """Link to the pages in the navigation, and mark the one whose section is open.

    On a phone, the links after the first four are hidden. `{% navigation_links "rest" %}` shows
    those in another place.
    """
    path = context["request"].path
    links = tuple(each for each in destinations_for(context["user"]) if each.place is not None)
    return _links(links, tuple(each for each in links if is_open(each, path)), part)


@lru_cache(maxsize=200)  # Everyone in the same role sees the same links, on each page.
def _links(links: tuple[Destination, ...], opened: tuple[Destination, ...], part: str) -> str:
    rest = links[IN_THE_BAR:]
    shown = rest if part == "rest" else links
    context = {"links": shown, "rest": rest, "opened": opened, "part": part}
    return render_to_string("_navigation_links.html", context)


def is_open(link: Destination, path: str) -> bool:
    """Return whether the page at `path` is the destination, or is below it."""
    return path == link.url or (link.url != "/" and path.startswith(link.url))


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
def shortcuts(user: User) -> str:
    """List the keyboard shortcuts, with the pages that the user may open."""
    pages = tuple(each for each in destinations_for(user) if each.key)
    is_reviewer = user.is_staff and user.has_perm("support.change_supportrequest")
    return _shortcuts(pages, is_reviewer)


@lru_cache(maxsize=50)
def _shortcuts(destinations: tuple[Destination, ...], is_reviewer: bool) -> str:
    context = {"destinations": destinations, "is_reviewer": is_reviewer}
    return render_to_string("accounts/_shortcuts.html", context)

"""What surrounds every page. It's the same for everyone in a role, apart from names and tokens.

So it's rendered once for each role and section, and filled in
(smscenter/rendering/row_templates.py).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django import template
from django.utils.safestring import SafeString

from smscenter.accounts.models import User
from smscenter.accounts.pages.destinations import Destination, destinations_for
from smscenter.accounts.pages.settings_pages import settings_pages_for
from smscenter.accounts.templatetags.people import avatar
from smscenter.rendering.row_templates import render_rows

register = template.Library()

IN_THE_BAR = 4  # links that a phone has room for, next to "More"


class NavigationKind(NamedTuple):
    """What the HTML of the navigation depends on. On a phone, `rest` is hidden behind "More"."""

    is_authenticated: bool
    is_member: bool = False
    can_save_views: bool = False
    theme: str = ""
    links: tuple[Destination, ...] = ()
    opened: tuple[Destination, ...] = ()

    @property
    def rest(self) -> tuple[Destination, ...]:
        return self.links[IN_THE_BAR:]

    @property
    def themes(self) -> list[tuple[str, str]]:
        return User.Theme.choices


@dataclass(frozen=True)
class Navigation:
    """The navigation of a signed-in user, on the page at `path`."""

    user: User
    path: str
    csrf_token: str
    can_save_views: bool

    @cached_property
    def kind(self) -> NavigationKind:
        links = tuple(each for each in destinations_for(self.user) if each.place is not None)
        return NavigationKind(
            is_authenticated=True,
            is_member=self.user.organization_id is not None,
            can_save_views=self.can_save_views,
            theme=self.user.theme,
            links=links,
            opened=tuple(each for each in links if is_open(each, self.path)),
        )

    @property
    def avatar(self) -> str:
        return avatar(self.user, "medium")

    @property
    def organization(self) -> str:
        return str(self.user.organization)


@dataclass(frozen=True)
class SignedOut:
    kind = NavigationKind(is_authenticated=False)


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any], can_save_views: bool) -> SafeString:
    """Link to the pages that the user may open, and mark the one whose section is open."""
    user = context.get("user")
    if not isinstance(user, User):
        return render_rows("_navigation.html", [SignedOut()])
    path, token = context["request"].path, str(context.get("csrf_token", ""))
    return render_rows("_navigation.html", [Navigation(user, path, token, can_save_views)])


def is_open(link: Destination, path: str) -> bool:
    """Return whether the page at `path` is the destination, or is below it."""
    return path == link.url or (link.url != "/" and path.startswith(link.url))


class ScriptsKind(NamedTuple):
    is_authenticated: bool
    is_member: bool
    can_save_views: bool


@dataclass(frozen=True)
class Scripts:
    kind: ScriptsKind


@register.simple_tag(takes_context=True)
def page_scripts(context: dict[str, Any], can_save_views: bool) -> SafeString:
    """Load the scripts that every page needs."""
    user = context.get("user")
    is_member = isinstance(user, User) and user.organization_id is not None
    kind = ScriptsKind(isinstance(user, User), is_member, can_save_views)
    return render_rows("_scripts.html", [Scripts(kind)])


@register.inclusion_tag("_badges.html")
def navigation_badges(user: User) -> dict[str, Any]:
    """Count what the badges show, and replace them wherever they are on the page."""
    links = [each for each in destinations_for(user) if each.badge]
    return {"badges": [(each, each.badge(user)) for each in links if each.badge]}


@register.inclusion_tag("accounts/settings/_navigation.html", takes_context=True)
def settings_navigation(context: dict[str, Any]) -> dict[str, Any]:
    """Link to the settings pages that the user may open, and mark the open one."""
    return {"pages": settings_pages_for(context["user"]), "path": context["request"].path}


class ShortcutsKind(NamedTuple):
    destinations: tuple[Destination, ...]
    is_reviewer: bool


@dataclass(frozen=True)
class Shortcuts:
    kind: ShortcutsKind

    @classmethod
    def of(cls, user: User) -> "Shortcuts":
        pages = tuple(each for each in destinations_for(user) if each.key)
        is_reviewer = user.is_staff and user.has_perm("support.change_supportrequest")
        return cls(ShortcutsKind(pages, is_reviewer))


@register.simple_tag
def shortcuts(user: User) -> SafeString:
    """List the keyboard shortcuts, with the pages that the user may open."""
    return render_rows("accounts/_shortcuts.html", [Shortcuts.of(user)])


@register.simple_tag
def dialogs(user: User) -> SafeString:
    """Show what opens above every page: the palette, the shortcuts, and the notifications."""
    return render_rows("_dialogs.html", [Shortcuts.of(user)])

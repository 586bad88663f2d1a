"""The pages that people go to: in the navigation, the command palette, and by keyboard."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.registry import Registry


def is_member(user: User) -> bool:
    return user.organization_id is not None


def is_writing_member(user: User) -> bool:
    """Return whether what the user saves wouldn't be refused."""
    return is_member(user) and not user.is_read_only and not user.is_viewed


def is_staff(user: User) -> bool:
    return user.is_staff


def is_anyone(_user: User) -> bool:
    return True


@dataclass(frozen=True)
class Destination:
    """A page without parameters.

    Pressing G and then `key` opens it. Those with a `place` are in the navigation, in that order.
    On phones the first four are in the bar, and the others open from “More”. `badge` returns a
    number to show next to it, which follows what happens.
    """

    page: str
    label: str
    icon: str
    key: str = ""
    place: int | None = None
    is_for: Callable[[User], bool] = is_member
    badge: Callable[[User], int] | None = None

    @cached_property
    def url(self) -> str:
        return reverse(self.page)

    @property
    def has_badge(self) -> bool:
        return self.badge is not None


destinations: Registry[Destination] = Registry(key=lambda destination: destination.page)


def destinations_for(user: User) -> list[Destination]:
    """Return the pages that a user may open: those in the navigation first, in its order.

    Kept with the user, like Django's permissions, because a page needs them several times.
    """
    found: list[Destination] | None = getattr(user, "_destinations", None)
    if found is None:
        allowed = [each for each in destinations if each.is_for(user)]
        found = sorted(allowed, key=lambda each: 1000 if each.place is None else each.place)
        user._destinations = found  # type: ignore[attr-defined]  # not a column
    return found

"""The pages under /settings/. Each app registers its own in its `hooks` module."""

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.registry import Registry


@dataclass(frozen=True)
class SettingsPage:
    """A page without parameters, listed at /settings/ in the order of `place`.

    Members without `permission` don't see it. Its view must check this itself.
    """

    page: str
    label: str
    description: str
    icon: str
    place: int
    permission: str = ""

    @cached_property
    def url(self) -> str:
        return reverse(self.page)


settings_pages: Registry[SettingsPage] = Registry(key=lambda each: each.page)


def settings_pages_for(user: User) -> list[SettingsPage]:
    """Return the settings pages that a member may open, in their order."""
    if user.organization_id is None:
        return []
    found = [
        each for each in settings_pages if not each.permission or user.has_perm(each.permission)
    ]
    return sorted(found, key=lambda each: each.place)

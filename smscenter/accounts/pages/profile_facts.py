"""What apps show on people's profiles, such as a verified phone, with a page that changes it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.registry import Registry


@dataclass(frozen=True)
class ProfileFact:
    label: str
    value: str
    page: str
    action: str

    @property
    def url(self) -> str:
        return reverse(self.page)


# Each returns None for people whom it doesn't concern.
profile_facts: Registry[Callable[[User], ProfileFact | None]] = Registry()


def profile_facts_of(user: User) -> list[ProfileFact]:
    return [fact for read in profile_facts if (fact := read(user))]

"""The checklist on the home page of a new organization. Apps add its steps in their hooks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from smscenter.accounts.http import MemberRequest, member_required
from smscenter.accounts.models import Organization, User
from smscenter.accounts.roles import MANAGE_ORGANIZATION
from smscenter.registry import Registry


@dataclass(frozen=True)
class Action:
    """A button of a step: a link to a page, or with `posts` a form that has no fields."""

    label: str
    page: str
    posts: bool = False

    @property
    def url(self) -> str:
        """Return the page's address, or an empty string if this installation doesn't have it."""
        try:
            return reverse(self.page)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class FirstStep:
    """Something that a new organization needs. `actions` returns how to do it, the best first.

    `is_for` leaves the step out of organizations that can't do it.
    """

    name: str
    title: str
    description: str | Callable[[Organization], str]
    place: int
    is_done: Callable[[Organization], bool]
    actions: Callable[[User], Sequence[Action]]
    is_for: Callable[[Organization], bool] = lambda _organization: True


first_steps: Registry[FirstStep] = Registry(key=attrgetter("name"))


@dataclass(frozen=True)
class Item:
    """A step as the page shows it. Only the first one that isn't done has buttons.

    The others that aren't done have links, so that nobody has to keep to the order.
    """

    step: FirstStep
    is_done: bool
    description: str = ""
    actions: Sequence[Action] = ()
    url: str = ""


def checklist_for(user: User) -> list[Item]:
    """Return the steps for someone who can do them, or none once all are done."""
    organization = user.organization
    if organization is None or organization.first_steps_closed or user.is_read_only:
        return []
    if not user.has_perm(MANAGE_ORGANIZATION):
        return []
    steps = [step for step in first_steps if step.is_for(organization)]
    items = [_item(step, organization) for step in sorted(steps, key=attrgetter("place"))]
    current = next((index for index, item in enumerate(items) if not item.is_done), None)
    if current is None:
        close(organization)
        return []
    items[current] = replace(items[current], actions=_actions(items[current], user))
    later = [item if item.is_done else _linked(item, user) for item in items[current + 1 :]]
    return [*items[: current + 1], *later]


def _actions(item: Item, user: User) -> list[Action]:
    return [action for action in item.step.actions(user) if action.url]


def _linked(item: Item, user: User) -> Item:
    links = [action.url for action in _actions(item, user) if not action.posts]
    return replace(item, url=links[0] if links else "")


def _item(step: FirstStep, organization: Organization) -> Item:
    if step.is_done(organization):
        return Item(step, is_done=True)
    words = step.description
    description = words if isinstance(words, str) else words(organization)
    return Item(step, is_done=False, description=description)


def close(organization: Organization) -> None:
    rows = Organization.objects.filter(pk=organization.pk, first_steps_closed=None)
    rows.update(first_steps_closed=timezone.now())


def has_colleagues(organization: Organization) -> bool:
    return organization.members.count() > 1


@member_required
@require_POST
def first_steps_dismiss(request: MemberRequest) -> HttpResponse:
    if request.user.has_perm(MANAGE_ORGANIZATION):
        close(request.organization)
    return redirect("home")

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
    """Something that a new organization needs. `actions` returns how to do it, the best first."""

    name: str
    title: str
    description: str
    place: int
    is_done: Callable[[Organization], bool]
    actions: Callable[[User], Sequence[Action]]


first_steps: Registry[FirstStep] = Registry(key=attrgetter("name"))


@dataclass(frozen=True)
class Item:
    """A step as the page shows it. Only the first one that isn't done has its actions."""

    step: FirstStep
    is_done: bool
    actions: Sequence[Action] = ()


def checklist_for(user: User) -> list[Item]:
    """Return the steps for someone who can do them, or none once all are done."""
    organization = user.organization
    if organization is None or organization.first_steps_closed:
        return []
    if not user.has_perm(MANAGE_ORGANIZATION):
        return []
    steps = sorted(first_steps, key=attrgetter("place"))
    items = [Item(step, step.is_done(organization)) for step in steps]
    current = next((index for index, item in enumerate(items) if not item.is_done), None)
    if current is None:
        close(organization)
        return []
    actions = [action for action in items[current].step.actions(user) if action.url]
    items[current] = replace(items[current], actions=actions)
    return items


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

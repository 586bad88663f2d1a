"""Requests from members of an organization, and decorators that let only them in.

Put these decorators above `require_POST` and the like, so that people who may not see an object get
the same response for every method.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django_htmx.middleware import HtmxDetails

from smscenter.accounts.models import Organization, OwnedQuerySet, User

P = ParamSpec("P")
Row = TypeVar("Row", bound=models.Model)


class MemberRequest(HttpRequest):
    """A request of a signed-in person who belongs to an organization."""

    user: User
    organization: Organization
    htmx: HtmxDetails


def member_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let members in, and show staff, who have no organization, where their pages are."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        organization = cast("User", request.user).organization
        if organization is None:
            return render(request, "accounts/no_organization.html", status=403)
        member_request = cast("MemberRequest", request)
        member_request.organization = organization
        return view(member_request, *args, **kwargs)

    return gate


def require(request: MemberRequest, permission: str) -> None:
    """Refuse members whose role doesn't include a permission (roles.py)."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def visible(
    rows: Callable[[], OwnedQuerySet[Row]],
) -> Callable[[Callable[[MemberRequest, Row], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the row in the URL (`<int:pk>`) to the view, if the member may see it.

    Otherwise respond with 404. Use: `@visible(Lead.objects.all)` above `@require_GET`.
    """

    def decorate(
        view: Callable[[MemberRequest, Row], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: MemberRequest, pk: int) -> HttpResponseBase:
            return view(request, get_object_or_404(rows().visible_to(request.user), pk=pk))

        return member_required(gate)

    return decorate

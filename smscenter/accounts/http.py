"""The request as a view for members of an organization sees it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from smscenter.accounts.models import Organization, User

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a signed-in person who belongs to an organization."""

    user: User
    organization: Organization
    htmx: HtmxDetails


def member_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let members in; tell staff, who belong to no organization, where their pages are."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        organization = cast("User", request.user).organization
        if organization is None:
            return render(request, "accounts/no_organization.html", status=403)
        member_request = cast("MemberRequest", request)
        member_request.organization = organization
        return view(member_request, *args, **kwargs)

    return gate

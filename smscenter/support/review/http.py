"""The request as views for the support staff see it, and the gate in front of them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django_htmx.middleware import HtmxDetails

from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestQuerySet
from smscenter.support.models.states import MoveError, is_reviewer

P = ParamSpec("P")


class ReviewRequest(HttpRequest):
    """A request of somebody of the support staff, who see what any organization asks."""

    user: User
    htmx: HtmxDetails


def reviewer_required(
    view: Callable[Concatenate[ReviewRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """404 for everybody else. It stands outermost, so they learn nothing from a method either."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_reviewer(cast("User", request.user)):
            raise Http404
        return view(cast("ReviewRequest", request), *args, **kwargs)

    return gate


def submitted(
    rows: Callable[[], SupportRequestQuerySet],
) -> Callable[
    [Callable[Concatenate[ReviewRequest, SupportRequest, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Give the view the request that its URL names. Drafts are the requester's own."""

    def decorate(
        view: Callable[Concatenate[ReviewRequest, SupportRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(
            request: ReviewRequest, pk: int, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            support_request = get_object_or_404(rows().submitted(), pk=pk)
            return view(request, support_request, *args, **kwargs)

        return reviewer_required(gate)

    return decorate


def attempt(
    request: ReviewRequest, support_request: SupportRequest, act: Callable[[], object], done: str
) -> HttpResponse:
    """Do what was asked for, or say why not, and show the request as it stands then."""
    try:
        act()
        messages.success(request, done)
    except MoveError as error:
        messages.error(request, str(error))
    return redirect("review_detail", support_request.pk)

"""Restrict views to support staff, and give them the support request in the URL."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestQuerySet
from smscenter.support.models.states import MoveError, is_reviewer

P = ParamSpec("P")


class ReviewRequest(HttpRequest):
    """An HTTP request by support staff, who can see requests of any organization."""

    user: User
    htmx: HtmxDetails


def reviewer_required(
    view: Callable[Concatenate[ReviewRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Return 404 to everyone else. Use as the outermost decorator, before method checks."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_reviewer(cast("User", request.user)):
            raise Http404
        return view(cast("ReviewRequest", request), *args, **kwargs)

    return gate


def submitted_request(
    rows: Callable[[], SupportRequestQuerySet],
) -> Callable[
    [Callable[Concatenate[ReviewRequest, SupportRequest, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Pass the support request in the URL to the view. Drafts are private to the requester."""

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


def run_action(
    request: ReviewRequest,
    support_request: SupportRequest,
    action: Callable[[], object],
    done: str,
) -> HttpResponse:
    """Run an action, show `done` or why it was refused, and return to the request.

    The page stays on its way through the search that it was opened from.
    """
    try:
        action()
        messages.success(request, done)
    except MoveError as error:
        messages.error(request, str(error))
    return back_to(request, support_request)


def back_to(request: HttpRequest, support_request: SupportRequest) -> HttpResponse:
    return redirect(reverse("review_detail", args=[support_request.pk]) + query_of(request))


def query_of(request: HttpRequest) -> str:
    """Return the query string, which has the search that a request was opened from."""
    return f"?{request.GET.urlencode()}" if request.GET else ""

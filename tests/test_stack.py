"""Calls in a request don't allocate Python's stack again and again, however deep they are."""

from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

CALLS = 500


@login_not_required
def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(page_faults())


urlpatterns = [path("page-faults/", view)]


def page_faults() -> int:
    """Return how often a loop of calls got fresh memory, at the depth where that's most often."""
    return max(_at(depth, _calls) for depth in range(150))


def _at(depth: int, function: Callable[[], int]) -> int:
    return _at(depth - 1, function) if depth else function()


def _calls() -> int:
    before = getrusage(RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        _called()
    return getrusage(RUSAGE_SELF).ru_minflt - before


def _called() -> None:
    pass


@pytest.mark.once
@pytest.mark.urls(__name__)
def test_a_request_has_room_on_the_stack(client: Client) -> None:
    assert int(client.get("/page-faults/").content) < CALLS
    # If this fails, Python keeps chunks of its stack now, and smscenter/middleware/stack.py can go.
    assert page_faults() >= CALLS

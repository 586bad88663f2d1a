"""Test every transition from every state: on pages, by direct POSTs, and in the admin.

Forbidden transitions are never offered, and direct POSTs get an error message.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import BY_MEMBERS, MOVES, State, lower
from smscenter.support.review.forms import STEPS
from smscenter.wording import lowerfirst

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]

MEMBERS = {State.SUBMITTED: "request_submit", State.WITHDRAWN: "request_withdraw"}
ACTIONS = {
    State.MORE_INFORMATION: "ask_for_more",
    State.SENT_TO_CARRIER: "send_to_carrier",
    State.WHITELISTED: "whitelist",
    State.ANSWERED: "answer",
    State.REFUSED: "refuse",
}
# The final state that a request of each kind can't have.
NEVER = {"whitelist": State.ANSWERED, "other": State.WHITELISTED}
every_state = pytest.mark.parametrize(
    ("kind", "old"), [(kind, old) for kind in NEVER for old in State if old is not NEVER[kind]]
)


@pytest.fixture
def request_in_state(
    support_request: SupportRequest, question: SupportRequest, bring: Bring
) -> Callable[[str, State], SupportRequest]:
    """Return a function that creates a request in a state. If withdrawn, it was submitted."""

    def make(kind: str, state: State) -> SupportRequest:
        row = support_request if kind == "whitelist" else question
        bring(row, state)
        if state is State.WITHDRAWN:
            SupportRequest.objects.filter(pk=row.pk).update(submitted=timezone.now())
        row.refresh_from_db()
        return row

    return make


def allowed(support_request: SupportRequest, steps: Any) -> set[State]:
    return {
        to
        for to in steps
        if to in MOVES[support_request.status] and to is not NEVER[support_request.kind]
    }


def refusal(support_request: SupportRequest, to: State) -> str:
    if to in MOVES[support_request.status]:
        return f"A {lowerfirst(support_request.get_kind_display())} can&#x27;t be"
    old = lower(support_request.status)
    if to is support_request.status:
        return f"This request is already {old}."
    return f"This request is {old}, so it can&#x27;t be changed to {lower(to)}."


def snapshot(support_request: SupportRequest) -> tuple[str, str, int]:
    """Return the state, the decision, and the number of events."""
    now = SupportRequest.objects.get(pk=support_request.pk)
    return now.state, now.decision, now.events.count()


@every_state
def test_pages_only_offer_allowed_transitions(
    as_supporter: Client,
    as_rep: Client,
    request_in_state: Callable[[str, State], SupportRequest],
    kind: str,
    old: State,
) -> None:
    support_request = request_in_state(kind, old)
    seen = as_supporter.get(reverse("review_detail", args=[support_request.pk]))
    if old is State.DRAFT:
        assert seen.status_code == 404
    else:
        offered = {to for to in STEPS if f'name="to" value="{to}"' in seen.content.decode()}
        assert offered == allowed(support_request, STEPS)
    own = as_rep.get(support_request.get_absolute_url()).content.decode()
    offered = {
        to for to, name in MEMBERS.items() if reverse(name, args=[support_request.pk]) in own
    }
    assert offered == allowed(support_request, BY_MEMBERS)


def post(client: Client, url: str, **data: Any) -> str:
    """Return the messages of the response, or its page if it doesn't redirect."""
    client.cookies.pop("messages", None)  # of the redirect before
    response = client.post(url, data)
    messages = [str(message) for message in get_messages(response.wsgi_request)]
    return escape(" ".join(messages)) if response.status_code == 302 else response.text


@every_state
def test_direct_posts_are_rejected(
    as_rep: Client,
    as_supporter: Client,
    as_staff: Client,
    request_in_state: Callable[[str, State], SupportRequest],
    kind: str,
    old: State,
) -> None:
    support_request = request_in_state(kind, old)
    before = snapshot(support_request)
    pk = support_request.pk
    for to in BY_MEMBERS - allowed(support_request, BY_MEMBERS):
        answer = post(as_rep, reverse(MEMBERS[to], args=[pk]))
        # A second click changes nothing, and isn't an error.
        assert answer == "" if to is old else refusal(support_request, to) in answer, to
        assert snapshot(support_request) == before
    hidden = old is State.DRAFT  # from support
    for to in set(State) - allowed(support_request, STEPS):
        answer = post(as_supporter, reverse("review_move", args=[pk]), to=to, note="Because.")
        expected = "Choose an option from the list."
        if hidden:
            expected = "<title>Page not found"
        elif to in STEPS:
            expected = refusal(support_request, to)
        assert expected in answer, to
        assert snapshot(support_request) == before
    url = reverse("admin:support_supportrequest_changelist")
    refused = [to for to in STEPS if to not in allowed(support_request, STEPS)]
    for to, client in zip(refused, cycle([as_supporter, as_staff]), strict=False):
        data = {"action": ACTIONS[to], "_selected_action": [pk], "note": "Because."}
        answer = post(client, url, **data)
        assert (client is as_supporter and hidden) or refusal(support_request, to) in answer, to
        assert snapshot(support_request) == before


@every_state
def test_the_admin_form_cannot_change_the_state(
    as_supporter: Client,
    as_staff: Client,
    request_in_state: Callable[[str, State], SupportRequest],
    kind: str,
    old: State,
) -> None:
    support_request = request_in_state(kind, old)
    before = snapshot(support_request)
    url = reverse("admin:support_supportrequest_change", args=[support_request.pk])
    rows = {f"{name}-{count}_FORMS": 0 for name in ("events", "evidence")
            for count in ("TOTAL", "INITIAL")}  # fmt: skip
    count = Whitelisting.objects.count()
    # The form has no field for the state, so one value shows it for support staff. Administrators
    # could only reach states that are next.
    next_states = sorted({*MOVES[old], State.WHITELISTED})
    for client, states in ((as_supporter, [State.WHITELISTED]), (as_staff, next_states)):
        for to in states:
            forged = {"state": to, "decision": "Yes", "decided_0": "2026-01-01", "kind": "other"}
            assert client.post(url, rows | forged).status_code == 302
            assert snapshot(support_request) == before
    assert Whitelisting.objects.count() == count

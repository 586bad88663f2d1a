"""Test every pair of states for every user: only allowed transitions happen, with history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import MOVES, MoveError, State
from smscenter.support.requests.moves import move
from tests import factories
from tests.support.conftest import DETAILS

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]

ALLOWED = {
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("submitted", "more_information"),
    ("submitted", "sent_to_carrier"),
    ("submitted", "answered"),
    ("submitted", "refused"),
    ("submitted", "withdrawn"),
    ("more_information", "submitted"),
    ("more_information", "answered"),
    ("more_information", "refused"),
    ("more_information", "withdrawn"),
    ("sent_to_carrier", "more_information"),
    ("sent_to_carrier", "whitelisted"),
    ("sent_to_carrier", "answered"),
    ("sent_to_carrier", "refused"),
    ("sent_to_carrier", "withdrawn"),
}
BY_MEMBERS = {State.SUBMITTED, State.WITHDRAWN}


def test_the_allowed_transitions_are_as_documented() -> None:
    assert {(old, new) for old, news in MOVES.items() for new in news} == ALLOWED
    assert set(MOVES) == set(State)


@pytest.mark.once
@pytest.mark.parametrize("old", State)
def test_each_transition(
    support_request: SupportRequest,
    question: SupportRequest,
    bring: Bring,
    staff: User,
    old: State,
) -> None:
    rows = {"whitelist": support_request, "other": question}
    # A whitelist request is never answered, and a question never whitelisted.
    never = {"whitelist": State.ANSWERED, "other": State.WHITELISTED}
    for kind, row in rows.items():
        bring(row, State.DRAFT if old is never[kind] else old)
    for new in State:
        is_answer = State.ANSWERED in {old, new} and old is not State.WHITELISTED
        pk = rows["other" if is_answer else "whitelist"].pk
        with transaction.atomic():
            try_to_move(SupportRequest.objects.get(pk=pk), old, new, staff)
            transaction.set_rollback(True)


def try_to_move(support_request: SupportRequest, old: State, new: State, staff: User) -> None:
    before = support_request.events.count()
    by = support_request.created_by if new in BY_MEMBERS else staff
    assert by is not None
    if (old, new) in ALLOWED:
        event = move(support_request, new, by, "  Because.  ")
        assert (event.old, event.new, event.user, event.note) == (old, new, by, "Because.")
    else:
        why = r"already .+" if old is new else r".+, so it can't be changed to .+"
        with pytest.raises(MoveError, match=rf"^This request is {why}\.$"):
            move(support_request, new, by, "Because.")
    reached = new if (old, new) in ALLOWED else old
    assert (
        support_request.state == SupportRequest.objects.get(pk=support_request.pk).state == reached
    )
    assert support_request.events.count() - before == ((old, new) in ALLOWED)


def test_each_kind_has_its_own_positive_outcome(
    support_request: SupportRequest, question: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    bring(question, State.SENT_TO_CARRIER)
    with pytest.raises(MoveError, match="A whitelist request can't be answered"):
        move(support_request, State.ANSWERED, staff, "Because.")
    with pytest.raises(MoveError, match="A question can't be whitelisted"):
        move(question, State.WHITELISTED, staff)
    move(question, State.ANSWERED, staff, "Because.")


def test_the_time_of_the_first_reply_is_stored(
    support_request: SupportRequest, rep: User, staff: User
) -> None:
    move(support_request, State.SUBMITTED, rep)
    assert SupportRequest.objects.get().first_answered is None
    move(support_request, State.MORE_INFORMATION, staff, "Who are they?")
    first = support_request.first_answered
    assert first is not None
    move(support_request, State.SUBMITTED, rep, "Customers.")
    move(support_request, State.SENT_TO_CARRIER, staff)
    assert support_request.first_answered == SupportRequest.objects.get().first_answered == first


@pytest.mark.parametrize("new", BY_MEMBERS)
def test_only_members_can_submit_and_withdraw(
    support_request: SupportRequest, stranger: User, staff: User, colleague: User, new: State
) -> None:
    for other in (stranger, staff):
        with pytest.raises(MoveError, match="Only members"):
            move(support_request, new, other)
    move(support_request, new, colleague)


@pytest.mark.parametrize("new", [State.MORE_INFORMATION, State.SENT_TO_CARRIER, State.REFUSED])
def test_only_staff_can_decide(support_request: SupportRequest, rep: User, new: State) -> None:
    move(support_request, State.SUBMITTED, rep)
    with pytest.raises(MoveError, match="Only support staff"):
        move(support_request, new, rep, "Because.")


@pytest.mark.parametrize("new", [State.MORE_INFORMATION, State.REFUSED])
@pytest.mark.parametrize("note", ["", " \n ", "\0"])
def test_a_question_and_a_refusal_need_a_note(
    support_request: SupportRequest, bring: Bring, staff: User, new: State, note: str
) -> None:
    bring(support_request, State.SUBMITTED)
    with pytest.raises(MoveError, match="Write a note"):
        move(support_request, new, staff, note)


def test_a_note_has_a_maximum_length(support_request: SupportRequest, rep: User) -> None:
    with pytest.raises(MoveError, match="too long"):
        move(support_request, State.SUBMITTED, rep, "x" * 2_001)
    move(support_request, State.SUBMITTED, rep, "x" * 2_000)


def test_only_one_of_two_conflicting_transitions_succeeds(
    support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    first, second = SupportRequest.objects.get(), SupportRequest.objects.get()
    move(first, State.WHITELISTED, staff)
    with pytest.raises(MoveError, match="no longer sent to carrier"):
        move(second, State.REFUSED, staff, "Too late.")
    assert SupportRequest.objects.get().state == State.WHITELISTED
    assert not SupportRequestEvent.objects.filter(new=State.REFUSED).exists()


def test_a_decision_stores_the_user_time_and_reason(
    support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.REFUSED)
    decided = SupportRequest.objects.get()
    assert (decided.decision, decided.decided_by) == ("Because.", staff)
    assert decided.decided is not None


def test_whitelisting_marks_the_number(
    support_request: SupportRequest, bring: Bring, staff: User, sender: SenderNumber
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    assert not Whitelisting.objects.exists()
    move(support_request, State.WHITELISTED, staff)
    whitelisting = Whitelisting.objects.in_force().get()
    assert (whitelisting.sender, whitelisting.carrier, whitelisting.request) == (
        sender,
        "sandbox",
        support_request,
    )
    assert whitelisting.is_in_force()


@pytest.mark.parametrize("name", DETAILS)
def test_an_incomplete_request_cannot_be_submitted(
    support_request: SupportRequest, rep: User, name: str
) -> None:
    setattr(support_request, name, "")
    support_request.save()
    with pytest.raises(MoveError, match="Still missing"):
        move(support_request, State.SUBMITTED, rep)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "submitted", "website": ""},
        {"state": "won"},
        {"state": "refused"},
        {"kind": "gift"},
        {"opted_in": "maybe"},
        {"state": "submitted", "sender": None},
    ],
)
def test_the_database_rejects_inconsistent_rows(
    support_request: SupportRequest, wrong: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportRequest.objects.update(**wrong)


def test_the_database_rejects_links_between_organizations(
    support_request: SupportRequest, stranger: User
) -> None:
    foreign = factories.message(factories.lead(stranger), status="error", reason="spam")
    with pytest.raises(IntegrityError), transaction.atomic():
        attach_and_check(support_request, foreign)


def attach_and_check(support_request: SupportRequest, message: SmsMessage) -> None:
    """Attach a message and check constraints, which PostgreSQL defers to the commit."""
    support_request.attach([message])
    connection.check_constraints()


def test_saving_a_stale_request_does_not_reset_its_state(
    support_request: SupportRequest, rep: User
) -> None:
    stale = SupportRequest.objects.get()
    move(support_request, State.SUBMITTED, rep)
    stale.carrier_ticket = "T-1"
    stale.save()
    assert SupportRequest.objects.get().state == State.SUBMITTED

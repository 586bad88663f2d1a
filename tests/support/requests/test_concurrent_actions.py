"""Test that actions in two tabs or by two people at once happen only once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from messaging.models import SenderNumber
from smscenter.accounts.models import User
from smscenter.support.models import Evidence, SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import revoke
from smscenter.support.review.actions import assign, take_next
from tests import factories
from tests.support.conftest import DETAILS

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[], str]) -> list[str]:
    """Return the results of two threads that call `act` at the same time."""
    barrier = Barrier(2)

    def run(_: int) -> str:
        try:
            barrier.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_a_form_sent_twice_creates_one_request(rep: User, sender: SenderNumber) -> None:
    token = str(uuid4())

    def send() -> str:
        client = Client()
        client.force_login(rep)
        response = client.post(reverse("whitelist_request"), DETAILS | {"form_token": token})
        return response.headers["Location"]

    first, second = at_once(send)
    assert first == second == SupportRequest.objects.get().get_absolute_url()


def test_a_form_and_its_autosave_create_one_request(rep: User, sender: SenderNumber) -> None:
    token = str(uuid4())
    save = iter([{"save": "draft", "website": ""}, {}])

    def send() -> str:
        client = Client()
        client.force_login(rep)
        data = DETAILS | {"form_token": token} | next(save)
        return client.post(reverse("whitelist_request"), data).headers["Location"]

    first, second = at_once(send)
    support_request = SupportRequest.objects.get()
    assert first == second == support_request.get_absolute_url()
    assert support_request.relationship == DETAILS["relationship"]


def test_two_simultaneous_decisions_store_one(
    support_request: SupportRequest,
    staff: User,
    bring: Callable[[SupportRequest, State], list[SupportRequestEvent]],
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)

    def decide() -> str:
        try:
            return move(SupportRequest.objects.get(), State.WHITELISTED, staff).new
        except MoveError as error:
            return str(error)

    results = at_once(decide)
    assert results.count(State.WHITELISTED) == 1
    assert Whitelisting.objects.count() == 1
    assert SupportRequestEvent.objects.filter(new=State.WHITELISTED).count() == 1


def test_taking_the_next_request_twice_assigns_two(
    rep: User, supporter: User, support_request: SupportRequest, question: SupportRequest
) -> None:
    for request in (support_request, question):
        move(request, State.SUBMITTED, rep)

    def take() -> str:
        taken = take_next(User.objects.get(pk=supporter.pk))
        return str(taken)

    assert sorted(at_once(take)) == sorted([str(support_request), str(question)])
    assert SupportRequestEvent.objects.filter(kind="assignment").count() == 2


def test_only_one_person_can_take_the_last_request(
    rep: User, supporter: User, support_request: SupportRequest
) -> None:
    move(support_request, State.SUBMITTED, rep)
    colleague = factories.user(None, "tina", is_staff=True)
    colleague.groups.set(supporter.groups.all())
    people = iter([supporter, colleague])

    def take() -> str:
        by = next(people)
        return by.username if take_next(by) else "nothing"

    results = at_once(take)
    assert results.count("nothing") == 1
    winner = next(result for result in results if result != "nothing")
    assert str(SupportRequest.objects.get().assignee) == winner
    assert SupportRequestEvent.objects.filter(kind="assignment").count() == 1


def test_only_one_person_can_take_the_same_request(
    rep: User, supporter: User, support_request: SupportRequest
) -> None:
    """Test two users with the same unassigned request open."""
    move(support_request, State.SUBMITTED, rep)
    colleague = factories.user(None, "tina", is_staff=True)
    colleague.groups.set(supporter.groups.all())
    assignments = iter([(by, SupportRequest.objects.get()) for by in (supporter, colleague)])

    def take() -> str:
        by, seen = next(assignments)
        try:
            assign(seen, by, by)
        except MoveError as error:
            return str(error)
        return by.username

    results = at_once(take)
    assert results.count("Someone else changed this request. Reload the page.") == 1
    assert str(SupportRequest.objects.get().assignee) in results
    assert SupportRequestEvent.objects.filter(kind="assignment").count() == 1


def test_only_one_of_a_decision_and_a_withdrawal_succeeds(
    rep: User, supporter: User, support_request: SupportRequest
) -> None:
    move(support_request, State.SUBMITTED, rep)
    posts = iter([
        (rep, "request_withdraw", {}),
        (supporter, "review_move", {"to": "refused", "note": "No."}),
    ])  # fmt: skip

    def post() -> str:
        person, name, data = next(posts)
        client = Client()
        client.force_login(person)
        return client.post(
            reverse(name, args=[support_request.pk]), data, follow=True
        ).content.decode()

    pages = at_once(post)
    end = SupportRequest.objects.get().status
    assert end in {State.WITHDRAWN, State.REFUSED}
    why = re.compile(
        f"no longer submitted. Reload|This request is {end}, so it can&#x27;t be changed to"
    )
    assert [bool(why.search(page)) for page in pages].count(True) == 1
    assert SupportRequestEvent.objects.filter(kind="move").count() == 2


def test_two_revocations_notify_the_requester_once(
    support_request: SupportRequest,
    supporter: User,
    bring: Callable[[SupportRequest, State], list[SupportRequestEvent]],
) -> None:
    bring(support_request, State.WHITELISTED)

    def revoke_now() -> str:
        try:
            return revoke(Whitelisting.objects.get(), supporter, "Complaints.").note
        except MoveError as error:
            return str(error)

    assert sorted(at_once(revoke_now)) == [
        "The whitelisting was revoked. Complaints.",
        "This whitelisting is no longer active.",
    ]
    assert support_request.events.filter(note__startswith="The whitelisting").count() == 1


def test_a_file_uploaded_while_its_draft_is_discarded_is_deleted(
    support_request: SupportRequest, rep: User, private_files: Path
) -> None:
    steps = iter(
        [
            ("request_edit", {"evidence_files": SimpleUploadedFile("form.txt", b"I agree")}),
            ("request_withdraw", {}),
        ]
    )

    def step() -> str:
        client = Client()
        client.force_login(rep)
        name, data = next(steps)
        response = client.post(reverse(name, args=[support_request.pk]), DETAILS | data)
        return response.headers["Location"]

    assert at_once(step) == [support_request.get_absolute_url()] * 2
    assert SupportRequest.objects.get().state == State.WITHDRAWN
    assert not Evidence.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_a_comment_sent_twice_is_added_once(support_request: SupportRequest, rep: User) -> None:
    move(support_request, State.SUBMITTED, rep)

    def add() -> str:
        client = Client()
        client.force_login(rep)
        url = reverse("request_comment", args=[support_request.pk])
        return client.post(url, {"note": "We found the form."}).headers["Location"]

    assert at_once(add) == [support_request.get_absolute_url()] * 2
    assert SupportRequestEvent.objects.filter(note="We found the form.").count() == 1


def test_a_phone_number_added_twice_by_one_form_is_stored_once(rep: User, lead: Lead) -> None:
    contact = factories.contact(lead)
    fields = {"id": contact.phones.get().pk, "phone": factories.MOBILE, "label": "mobile"}
    data = {f"phones-0-{name}": value for name, value in fields.items()}
    data |= {"phones-1-phone": "415 555 0188", "phones-1-label": "mobile", "name": "Ada"}
    data |= {"phones-TOTAL_FORMS": 2, "phones-INITIAL_FORMS": 1}
    data |= {"emails-TOTAL_FORMS": 0, "emails-INITIAL_FORMS": 0}

    def save() -> str:
        client = Client()
        client.force_login(rep)
        url = reverse("contact_edit", args=[contact.pk])
        return client.post(url, data).headers["Location"]

    assert at_once(save) == [lead.get_absolute_url()] * 2
    assert contact.phones.count() == 2


def test_a_note_added_twice_by_one_form_is_stored_once(rep: User, lead: Lead) -> None:
    token = str(uuid4())

    def add() -> str:
        client = Client()
        client.force_login(rep)
        data = {"text": "Called, no answer", "form_token": token}
        return client.post(reverse("note_new", args=[lead.pk]), data).headers["Location"]

    assert at_once(add) == [lead.get_absolute_url()] * 2
    assert lead.notes.count() == 1

"""Test autosave of drafts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests.moves import move
from tests.html import html_of
from tests.support.conftest import DETAILS

pytestmark = pytest.mark.once

Blocked = Callable[..., SmsMessage]
Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
URL = reverse("whitelist_request")


def typed(client: Client, url: str = URL, htmx: Any = True, **fields: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(url, {"save": "draft"} | fields, headers=headers)


def edit(support_request: SupportRequest) -> str:
    return reverse("request_edit", args=[support_request.pk])


def test_the_form_has_autosave(as_rep: Client, sender: SenderNumber) -> None:
    text = as_rep.get(URL).content.decode()
    assert 'hx-post="/help/whitelist/"' in text
    assert "Save as draft" in text


def test_one_form_creates_one_draft(as_rep: Client, rep: User, blocked: Blocked) -> None:
    message, token = blocked(), str(uuid4())
    typed(as_rep, form_token=token, website="acme.ex")
    typed(as_rep, form_token=token, website="acme.example", failed_messages=[message.pk])
    support_request = SupportRequest.objects.get()
    assert (support_request.state, support_request.created_by, support_request.sender) == (
        "draft",
        rep,
        message.sender,
    )
    assert support_request.website == "https://acme.example"
    assert support_request.content_type == ""
    assert list(support_request.messages.all()) == [message]


def test_autosave_shows_the_time(as_rep: Client, sender: SenderNumber) -> None:
    before = timezone.now().astimezone(sender.organization.members.get().zone)
    text = typed(as_rep, form_token=str(uuid4())).content.decode()
    assert "<html" not in text
    minutes = {f"{at:%I:%M %p}".lstrip("0") for at in (before, datetime.now(before.tzinfo))}
    assert any(f"Draft saved at {minute}." in text for minute in minutes)


def test_the_form_warns_while_typing(as_rep: Client, sender: SenderNumber) -> None:
    fields = {"examples": "See bit.ly/abc", "website": "nonsense", "opted_in": "no"}
    text = typed(as_rep, form_token=str(uuid4()), **fields).content.decode()
    for warning in (
        "shortened link",
        "look like a website address",
        "t opt in.",
        "include any texts",
    ):
        assert warning in text


def test_autosave_skips_invalid_fields(as_rep: Client, sender: SenderNumber) -> None:
    token = str(uuid4())
    typed(as_rep, form_token=token, volume="10", relationship="Customers")
    response = typed(as_rep, form_token=token, volume="many", relationship="Customers of old")
    support_request = SupportRequest.objects.get()
    assert response.status_code == 200
    assert (support_request.volume, support_request.relationship) == (10, "Customers of old")


def test_save_draft_works_without_javascript(as_rep: Client, sender: SenderNumber) -> None:
    filled = DETAILS | {"content_type": "", "examples": ""}
    response = typed(as_rep, htmx=False, form_token=str(uuid4()), **filled)
    support_request = SupportRequest.objects.get()
    assert response.headers["Location"] == support_request.get_absolute_url()
    text = as_rep.get(support_request.get_absolute_url()).content.decode()
    assert "Draft saved." in text
    as_rep.post(reverse("request_submit", args=[support_request.pk]))
    text = as_rep.get(support_request.get_absolute_url()).content.decode()
    assert "Still missing: type of content, examples of message content." in text


def test_the_form_continues_with_the_saved_draft(as_rep: Client, sender: SenderNumber) -> None:
    token = str(uuid4())
    typed(as_rep, form_token=token, website="acme.example")
    response = as_rep.post(URL, DETAILS | {"form_token": token, "volume": "5"})
    support_request = SupportRequest.objects.get()
    assert response.headers["Location"] == support_request.get_absolute_url()
    assert (support_request.volume, support_request.examples) == (5, DETAILS["examples"])


def test_a_late_autosave_does_not_change_a_submitted_request(
    as_rep: Client, rep: User, sender: SenderNumber
) -> None:
    token = str(uuid4())
    as_rep.post(URL, DETAILS | {"form_token": token})
    support_request = SupportRequest.objects.get()
    move(support_request, State.SUBMITTED, rep)
    assert (
        "so your changes weren't saved"
        in typed(as_rep, form_token=token, website="evil.example").content.decode()
    )
    response = as_rep.post(URL, DETAILS | {"form_token": token, "website": "evil.example"})
    assert response.headers["Location"] == support_request.get_absolute_url()
    assert SupportRequest.objects.get().website == "https://acme.example"


@pytest.mark.parametrize("state", [State.MORE_INFORMATION, State.SUBMITTED])
def test_fields_that_support_has_seen_cannot_be_cleared(
    as_rep: Client, support_request: SupportRequest, bring: Bring, state: State
) -> None:
    token = uuid4()
    SupportRequest.objects.update(form_token=token)
    bring(support_request, state)
    for htmx in (True, False):
        typed(as_rep, edit(support_request), htmx=htmx, **DETAILS | {"website": ""})
        typed(as_rep, htmx=htmx, **DETAILS | {"website": "", "form_token": str(token)})
    assert SupportRequest.objects.get().website == "https://acme.example"
    assert "Draft saved." not in as_rep.get(support_request.get_absolute_url()).content.decode()


def test_a_draft_that_became_incomplete_cannot_be_submitted(
    rep: User, support_request: SupportRequest
) -> None:
    SupportRequest.objects.update(website="")
    with pytest.raises(MoveError, match=r"^Still missing: website address\.$"):
        move(support_request, State.SUBMITTED, rep)
    assert SupportRequest.objects.get().state == State.DRAFT


def test_editing_a_draft_has_autosave(as_rep: Client, support_request: SupportRequest) -> None:
    assert (
        f'hx-post="{edit(support_request)}"' in as_rep.get(edit(support_request)).content.decode()
    )
    typed(as_rep, edit(support_request), **DETAILS | {"relationship": "Friends"})
    assert SupportRequest.objects.get().relationship == "Friends"


def test_an_existing_draft_is_offered(
    as_rep: Client, as_colleague: Client, support_request: SupportRequest
) -> None:
    assert edit(support_request) in as_rep.get(URL).content.decode()
    assert edit(support_request) not in as_colleague.get(URL).content.decode()


@pytest.mark.parametrize("token", ["", "x", "0" * 33])
def test_autosave_without_a_token_saves_nothing(
    as_rep: Client, sender: SenderNumber, token: str
) -> None:
    assert typed(as_rep, form_token=token).status_code == 422
    assert not SupportRequest.objects.exists()


def test_the_form_token_of_another_organization_is_rejected(
    as_stranger: Client, support_request: SupportRequest, stranger: User
) -> None:
    token = uuid4()
    SupportRequest.objects.update(form_token=token)
    assert typed(as_stranger, form_token=str(token), website="evil.example").status_code == 200
    support_request.refresh_from_db()
    assert support_request.website == "https://acme.example"


def test_changes_after_a_question_are_in_the_history(
    as_rep: Client, rep: User, support_request: SupportRequest, bring: Bring, blocked: Blocked
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    data = DETAILS | {"relationship": "Customers", "failed_messages": [blocked().pk]}
    as_rep.post(edit(support_request), data)
    event = support_request.events.last()
    assert event is not None
    assert (event.kind, event.user, event.old, event.new) == ("edit", rep, "", "")
    assert event.note == "Changed: relationship between you and the recipient, failed texts."
    as_rep.post(edit(support_request), data)
    assert support_request.events.filter(kind="edit").count() == 1


def test_changes_to_a_draft_are_not_in_the_history(
    as_rep: Client, support_request: SupportRequest
) -> None:
    as_rep.post(edit(support_request), DETAILS | {"relationship": "Customers"})
    assert not support_request.events.exists()


def test_an_edit_keeps_what_support_wrote(
    as_rep: Client, support_request: SupportRequest, staff: User, bring: Bring
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    SupportRequest.objects.update(assignee=staff, carrier_ticket="T-17")
    as_rep.post(edit(support_request), DETAILS | {"relationship": "Customers"})
    changed = SupportRequest.objects.get()
    assert (changed.assignee, changed.carrier_ticket) == (staff, "T-17")


def test_internal_notes_are_never_shown(
    as_rep: Client, support_request: SupportRequest, staff: User
) -> None:
    for internal, note in ((True, "Looks fishy"), (False, "We asked the carrier")):
        SupportRequestEvent.objects.create(
            organization=support_request.organization,
            request=support_request,
            kind="note",
            internal=internal,
            user=staff,
            note=note,
        )
    text = as_rep.get(support_request.get_absolute_url()).content.decode()
    assert "We asked the carrier" in text
    assert "Looks fishy" not in text


def test_the_history_names_support_and_members(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    as_rep.post(
        reverse("request_submit", args=[support_request.pk]), {"note": "They signed up in May."}
    )
    text = html_of(as_rep.get(support_request.get_absolute_url()))
    assert "<strong>susan</strong> (support)" in text
    assert "<strong>rita</strong>" in text
    assert text.index("Because.") < text.index("They signed up in May.")

"""Test comments that a rep adds while support has the request."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import User
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import LONGEST_NOTE, State, lower
from smscenter.support.review.actions import assign
from tests.mailing import write_mails

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
WORDS = "We found <b>the form</b> with their signature."


def add(client: Client, support_request: SupportRequest, note: str = WORDS) -> str:
    url = reverse("request_comment", args=[support_request.pk])
    return client.post(url, {"note": note}, follow=True).content.decode()


@pytest.mark.parametrize("state", [State.SUBMITTED, State.SENT_TO_CARRIER])
def test_support_sees_new_comments(
    as_rep: Client,
    as_supporter: Client,
    support_request: SupportRequest,
    bring: Bring,
    state: State,
) -> None:
    bring(support_request, state)
    assert "Add comment" in as_rep.get(support_request.get_absolute_url()).content.decode()
    shown = add(as_rep, support_request)
    assert "Comment added." in shown
    for page in (shown, as_supporter.get(f"/review/{support_request.pk}/").content.decode()):
        assert "We found &lt;b&gt;the form&lt;/b&gt; with their signature." in page
    support_request.refresh_from_db()
    assert support_request.status is state


def test_a_colleague_can_comment(
    as_colleague: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    assert "Comment added." in add(as_colleague, support_request)


def test_the_assignee_is_notified(
    as_rep: Client, support_request: SupportRequest, bring: Bring, supporter: User
) -> None:
    bring(support_request, State.SUBMITTED)
    assign(support_request, supporter, supporter)
    add(as_rep, support_request)
    write_mails()
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (supporter.email, "New comment: (212) 555-0100 (Acme)")
    assert WORDS in mail.text
    assert f"/review/{support_request.pk}/" in mail.text


def test_a_second_click_does_not_add_a_second_comment(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    for _ in range(2):
        assert "Comment added." in add(as_rep, support_request)
    assert SupportRequestEvent.objects.filter(note=WORDS).count() == 1


@pytest.mark.parametrize("note", ["", " \0 ", "x" * (LONGEST_NOTE + 1)])
def test_empty_and_too_long_comments_are_rejected(
    as_rep: Client, support_request: SupportRequest, bring: Bring, note: str
) -> None:
    bring(support_request, State.SUBMITTED)
    events = SupportRequestEvent.objects.count()
    assert "Write a note of 1 to 2,000 characters." in add(as_rep, support_request, note)
    assert SupportRequestEvent.objects.count() == events


@pytest.mark.parametrize("state", [State.DRAFT, State.WHITELISTED, State.REFUSED, State.WITHDRAWN])
def test_drafts_and_closed_requests_take_no_comments(
    as_rep: Client, support_request: SupportRequest, bring: Bring, state: State
) -> None:
    """Decided ones take comments for two weeks."""
    bring(support_request, state)
    SupportRequest.objects.exclude(decided=None).update(decided=timezone.now() - timedelta(days=15))
    assert "Add comment" not in as_rep.get(support_request.get_absolute_url()).content.decode()
    refusal = f"This request is {lower(state)}, so you can&#x27;t add a comment."
    assert refusal in add(as_rep, support_request)
    assert not SupportRequestEvent.objects.filter(note=WORDS).exists()


def test_who_decided_gets_comments_of_an_unassigned_request(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    User.objects.filter(username="susan").update(email="susan@support.example")
    bring(support_request, State.REFUSED)
    assert "Comment added." in add(as_rep, support_request)
    write_mails()
    assert Mail.objects.latest("pk").to == "susan@support.example"


def test_a_stranger_cannot_comment(
    as_stranger: Client, as_supporter: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SUBMITTED)
    url = reverse("request_comment", args=[support_request.pk])
    assert as_stranger.post(url, {"note": WORDS}).status_code == 404
    assert as_supporter.post(url, {"note": WORDS}).status_code in {403, 404}
    assert not SupportRequestEvent.objects.filter(note=WORDS).exists()

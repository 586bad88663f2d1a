"""Test the review page of a request: evidence, assignment, notes, and actions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from messaging.deliverability import recounting
from messaging.models import Attempt, Consent, OptOut, Recipient
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import MoveError, State
from smscenter.support.requests import outcomes
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import revoke
from smscenter.support.review.actions import add_note, assign
from tests import factories
from tests.support.review.conftest import Bring, Post

pytestmark = pytest.mark.once


def page(client: Client, support_request: SupportRequest) -> str:
    return client.get(reverse("review_detail", args=[support_request.pk])).content.decode()


def test_all_evidence_is_on_one_page(
    as_supporter: Client,
    waiting: SupportRequest,
    rep: User,
    lead: Lead,
    blocked_attempt: Callable[..., Attempt],
    stranger: User,
) -> None:
    texts = [blocked_attempt(f"Free estimate {number}") for number in range(2)]
    waiting.attach([attempt.message for attempt in texts])
    factories.evidence(waiting, rep, "form.txt")
    known = Recipient.objects.create(organization=lead.organization, phone=factories.MOBILE)
    Consent.objects.create(organization=lead.organization, recipient=known, method="Web form")
    OptOut.objects.create(
        organization=lead.organization, recipient=known, source="keyword", words="STOP"
    )
    earlier = SupportRequest.objects.create(
        organization=lead.organization,
        sender=waiting.sender,
        kind="other",
        subject="Earlier",
        body="?",
    )
    move(earlier, State.SUBMITTED, rep)
    text = page(as_supporter, waiting)
    for evidence in (
        "https://acme.example",
        "Hi Ada, this is Rita from Acme.",
        "Free estimate 1",
        texts[0].carrier_id,
        "<code>30007</code>",
        "<q>Message filtered</q>",
        f'<th scope="row">{Reason.SPAM.label}</th><td class="number">2</td>',
        "Web form",
        "<q>STOP</q>",
        "form.txt",
        f'href="/review/{earlier.pk}/"',
        "has opted out of your texts",
    ):
        assert evidence in text, evidence


def test_other_organizations_only_appear_as_a_percentage(
    as_supporter: Client, waiting: SupportRequest, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "FEW", 4)
    theirs = factories.lead(stranger, "Zanzibar Traders")
    assert stranger.organization is not None
    number = factories.sender(stranger.organization, phone="+12125550111", label="Zanzibar desk")
    ago = timezone.now() - timedelta(days=3)
    for reason in ("", "", "", "spam"):
        message = factories.message(
            theirs,
            text="Zanzibar text",
            sender=number,
            created=ago,
            **{"status": "error", "reason": "spam"} if reason else {},
        )
        Attempt.objects.create(
            organization=stranger.organization,
            message=message,
            carrier="sandbox",
            reason=reason,
            created=ago,
        )
    recounting.recount_changed()
    text = page(as_supporter, waiting)
    assert "<strong>250 of 1,000 texts</strong> (1 of 4)" in " ".join(text.split())
    assert "Zanzibar" not in text
    assert "Rival" not in text


def test_the_page_takes_a_fixed_number_of_queries(
    as_supporter: Client,
    waiting: SupportRequest,
    blocked_attempt: Callable[..., Attempt],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    waiting.attach(
        [blocked_attempt(remote_phone=f"+141555501{number}").message for number in range(10, 30)]
    )
    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
        page(as_supporter, waiting)


def test_html_in_user_input_is_shown_as_text(as_supporter: Client, waiting: SupportRequest) -> None:
    hostile = "<script>alert(1)</script>"
    SupportRequest.objects.update(
        website="javascript:alert(1)", examples=hostile, relationship=hostile, content_type=hostile
    )
    text = page(as_supporter, waiting)
    assert hostile not in text
    assert 'href="javascript:' not in text


def test_assigning_reassigning_and_unassigning(
    post: Post, waiting: SupportRequest, supporter: User, second_supporter: User
) -> None:
    assigned = post(waiting, "assign", assignee=supporter.pk)
    assert "Assigned to sven." in assigned
    assert ">Reassign</button>" in assigned
    assert "Assigned to tina." in post(waiting, "assign", assignee=second_supporter.pk)
    unassigned = post(waiting, "assign")
    assert "Unassigned." in unassigned
    assert ">Assign</button>" in unassigned
    events = waiting.events.filter(kind="assignment")
    assert [(event.user, event.note, event.internal) for event in events] == [
        (supporter, "Assigned to sven.", True),
        (supporter, "Assigned to tina.", True),
        (supporter, "Unassigned.", True),
    ]


def test_only_support_staff_can_be_assigned(post: Post, waiting: SupportRequest, rep: User) -> None:
    assert "from the list." in post(waiting, "assign", assignee=rep.pk)
    with pytest.raises(MoveError, match="Only support staff"):
        assign(waiting, rep, rep)
    assert SupportRequest.objects.get().assignee is None


def test_a_decided_request_is_not_assigned(
    post: Post, support_request: SupportRequest, bring: Bring, supporter: User
) -> None:
    bring(support_request, State.REFUSED)
    assert "so it can&#x27;t be assigned" in post(support_request, "assign", assignee=supporter.pk)


def test_taking_the_next_request(
    as_supporter: Client,
    waiting: SupportRequest,
    supporter: User,
    other_request: SupportRequest,
) -> None:
    following = reverse("review_next")
    for support_request in (waiting, other_request):
        assert as_supporter.post(following).headers["Location"] == f"/review/{support_request.pk}/"
        support_request.refresh_from_db()
        assert support_request.assignee == supporter
    response = as_supporter.post(following, follow=True)
    assert "You&#x27;re all caught up" in response.content.decode()
    assert as_supporter.get(following).status_code == 405


def test_a_note_is_never_shown_to_the_requester(
    post: Post, as_rep: Client, waiting: SupportRequest, supporter: User
) -> None:
    assert "Looks like a Zanzibar scheme" in post(
        waiting, "note", note="Looks like a Zanzibar scheme"
    )
    post(waiting, "assign", follow=False, assignee=supporter.pk)
    text = as_rep.get(waiting.get_absolute_url()).content.decode()
    assert "Zanzibar" not in text
    assert "Assigned" not in text


@pytest.mark.parametrize("note", ["", " ", "x" * 2_001])
def test_a_note_cannot_be_empty(
    post: Post, waiting: SupportRequest, supporter: User, note: str
) -> None:
    post(waiting, "note", follow=False, note=note)
    assert not waiting.events.filter(kind="note").exists()
    with pytest.raises(MoveError, match="Write a note of"):
        add_note(waiting, supporter, note)


def test_a_request_goes_from_submitted_to_whitelisted(
    post: Post, as_rep: Client, waiting: SupportRequest, rep: User
) -> None:
    post(waiting, "move", follow=False, to="more_information", note="Who are they?")
    assert "Who are they?" in as_rep.get(waiting.get_absolute_url()).content.decode()
    move(SupportRequest.objects.get(), State.SUBMITTED, rep, "Customers.")
    assert "Sent to carrier." in post(waiting, "move", to="sent_to_carrier", ticket="T-77")
    assert SupportRequest.objects.get().carrier_ticket == "T-77"
    day = timezone.localdate() + timedelta(days=90)
    assert ">active</span>" in post(waiting, "move", to="whitelisted", expires=f"{day}")
    whitelisting = Whitelisting.objects.get()
    assert whitelisting.expires is not None
    assert timezone.localtime(whitelisting.expires).date() == day
    assert whitelisting.is_in_force()


def test_each_state_offers_its_actions(
    as_supporter: Client, waiting: SupportRequest, post: Post
) -> None:
    text = page(as_supporter, waiting)
    assert "Ask the requester" in text
    assert "Mark as whitelisted" not in text
    assert "Mark as whitelisted" in post(waiting, "move", to="sent_to_carrier")
    assert '<h2 id="steps">Next step</h2>' in text
    refused = post(waiting, "move", to="refused", note="No opt-in")
    assert '<h2 id="steps">Outcome</h2>' in refused


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"to": "refused"}, "Write a note"),
        ({"to": "more_information", "note": "  "}, "Write a note"),
        ({"to": "whitelisted"}, "so it can&#x27;t be changed to whitelisted"),
        ({"to": "answered", "note": "Yes"}, "request can&#x27;t be answered"),
        ({"to": "draft"}, "from the list."),
        ({"to": "withdrawn"}, "from the list."),
        ({}, "Choose an option."),
        ({"to": "sent_to_carrier", "ticket": "x" * 61}, "Use 60 characters or fewer."),
        ({"to": "refused", "note": "x" * 2_001}, "Use 2000 characters or fewer."),
    ],
)
def test_a_forbidden_action_shows_an_error(
    post: Post, waiting: SupportRequest, data: dict[str, str], why: str
) -> None:
    before = SupportRequestEvent.objects.count()
    assert why in post(waiting, "move", **data)
    assert SupportRequest.objects.get().state == State.SUBMITTED
    assert SupportRequestEvent.objects.count() == before


def test_a_whitelisting_cannot_expire_in_the_past(
    post: Post, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    text = post(support_request, "move", to="whitelisted", expires="2020-01-01")
    assert "Choose an expiration date in the future." in text
    assert not Whitelisting.objects.exists()


def test_a_withdrawn_request_cannot_be_decided(
    post: Post, as_supporter: Client, waiting: SupportRequest, rep: User
) -> None:
    """Test a page that was open while the rep withdrew the request."""
    move(SupportRequest.objects.get(), State.WITHDRAWN, rep)
    text = post(waiting, "move", to="refused", note="No.")
    assert "This request is withdrawn, so it can&#x27;t be changed to refused." in text
    assert SupportRequest.objects.get().state == State.WITHDRAWN


def test_two_tabs_cannot_both_decide(post: Post, waiting: SupportRequest) -> None:
    assert "Refused." in post(waiting, "move", to="refused", note="First.")
    second = post(waiting, "move", to="refused", note="Second.")
    assert "This request is already refused." in second
    assert SupportRequest.objects.get().decision == "First."


def test_a_stale_page_cannot_change_the_state(waiting: SupportRequest, supporter: User) -> None:
    stale = SupportRequest.objects.get()
    move(waiting, State.SENT_TO_CARRIER, supporter)
    with pytest.raises(MoveError, match="no longer submitted"):
        move(stale, State.REFUSED, supporter, "No.")


def test_revoking_a_whitelisting_takes_a_reason(
    post: Post, as_rep: Client, support_request: SupportRequest, bring: Bring, supporter: User
) -> None:
    bring(support_request, State.WHITELISTED)
    assert "required" in post(support_request, "revoke", reason="")
    assert "Whitelisting revoked." in post(
        support_request, "revoke", reason="The carrier saw complaints."
    )
    whitelisting = Whitelisting.objects.get()
    assert not whitelisting.is_in_force()
    assert (whitelisting.revoked_by, whitelisting.revocation) == (
        supporter,
        "The carrier saw complaints.",
    )
    assert (
        "The carrier saw complaints."
        in as_rep.get(support_request.get_absolute_url()).content.decode()
    )
    assert "no longer active" in post(support_request, "revoke", reason="Again.")
    assert Whitelisting.objects.get().revocation == "The carrier saw complaints."


def test_there_must_be_a_whitelisting_to_revoke(post: Post, waiting: SupportRequest) -> None:
    assert "t have a whitelisting" in post(waiting, "revoke", reason="Because.")


def test_a_rep_cannot_revoke_a_whitelisting(
    support_request: SupportRequest, bring: Bring, rep: User
) -> None:
    bring(support_request, State.WHITELISTED)
    with pytest.raises(MoveError, match="Only support staff"):
        revoke(Whitelisting.objects.get(), rep, "Because.")


@pytest.mark.parametrize(
    ("page_name", "field"), [("note", "note"), ("revoke", "reason"), ("move", "note")]
)
def test_notes_of_the_maximum_length_are_accepted(
    post: Post, support_request: SupportRequest, bring: Bring, page_name: str, field: str
) -> None:
    """Test line breaks: a browser counts each as one character and sends two."""
    bring(support_request, State.SENT_TO_CARRIER if page_name == "move" else State.WHITELISTED)
    words = "\r\n".join(["x" * 99] * 20)
    post(support_request, page_name, follow=False, **{field: words, "to": "refused"})
    event = support_request.events.exclude(kind="mail").last()
    assert event is not None
    assert event.note.endswith(words.replace("\r\n", "\n"))


def test_a_second_click_does_not_add_a_second_note(
    as_supporter: Client, waiting: SupportRequest
) -> None:
    for note in ("Called the carrier.", "Called the carrier.", "They call back."):
        as_supporter.post(reverse("review_note", args=[waiting.pk]), {"note": note})
    notes = waiting.events.filter(kind="note").values_list("note", flat=True)
    assert list(notes) == ["Called the carrier.", "They call back."]

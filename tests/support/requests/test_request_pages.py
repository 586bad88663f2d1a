"""Test the request pages of an organization."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from tests.support.conftest import DETAILS

pytestmark = pytest.mark.once

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
LIST = reverse("request_list")
POSTS = ["request_submit", "request_withdraw", "request_edit"]


def url(name: str, support_request: SupportRequest) -> str:
    return reverse(name, args=[support_request.pk])


def page(client: Client, support_request: SupportRequest) -> str:
    return client.get(url("request_detail", support_request)).content.decode()


def test_owner_and_colleague_see_the_list(
    as_rep: Client, as_colleague: Client, support_request: SupportRequest
) -> None:
    for client in (as_rep, as_colleague):
        text = client.get(LIST).content.decode()
        assert f'href="{support_request.get_absolute_url()}"' in text
        assert "Draft" in text


def test_a_stranger_sees_no_requests(as_stranger: Client, support_request: SupportRequest) -> None:
    assert "No requests yet" in as_stranger.get(LIST).content.decode()
    assert as_stranger.get(support_request.get_absolute_url()).status_code == 404
    for name in POSTS:
        assert as_stranger.post(url(name, support_request)).status_code == 404
        assert as_stranger.get(url(name, support_request)).status_code == 404


@pytest.mark.parametrize("name", ["request_list", "request_detail", *POSTS])
def test_visitors_are_asked_to_sign_in(
    client: Client, support_request: SupportRequest, name: str
) -> None:
    address = LIST if name == "request_list" else url(name, support_request)
    assert client.get(address).headers["Location"].startswith(reverse("sign_in"))


def test_staff_without_an_organization_see_a_notice(
    as_staff: Client, support_request: SupportRequest
) -> None:
    assert as_staff.get(LIST).status_code == 403


@pytest.mark.parametrize("name", ["request_submit", "request_withdraw"])
def test_the_state_only_changes_by_post(
    as_rep: Client, support_request: SupportRequest, name: str
) -> None:
    assert as_rep.get(url(name, support_request)).status_code == 405


def test_the_list_has_pages(as_rep: Client, rep: User, sender: SenderNumber) -> None:
    start = timezone.now() - timedelta(days=1)
    for minute in range(51):
        SupportRequest.objects.create(
            organization=sender.organization,
            created_by=rep,
            sender=sender,
            created=start + timedelta(minutes=minute),
        )
    first = as_rep.get(LIST)
    second = as_rep.get(LIST, {"after": first.context["page"].after})
    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 1
    assert as_rep.get(LIST, {"after": "nonsense"}).status_code == 404


def test_submitting_notifies_support(
    as_rep: Client, support_request: SupportRequest, rep: User
) -> None:
    response = as_rep.post(url("request_submit", support_request), follow=True)
    assert "Support will review it." in response.content.decode()
    event = support_request.events.get()
    assert (event.old, event.new, event.user) == ("draft", "submitted", rep)


def test_a_second_click_on_submit_changes_nothing(
    as_rep: Client, support_request: SupportRequest
) -> None:
    as_rep.post(url("request_submit", support_request))
    response = as_rep.post(url("request_submit", support_request), follow=True)
    assert [str(message.level_tag) for message in response.context["messages"]] == ["success"]
    assert support_request.events.count() == 1


def test_a_colleague_can_withdraw(as_colleague: Client, support_request: SupportRequest) -> None:
    as_colleague.post(url("request_withdraw", support_request))
    assert SupportRequest.objects.get().state == State.WITHDRAWN
    assert "Withdraw request" not in page(as_colleague, support_request)


@pytest.mark.parametrize("state", [State.WHITELISTED, State.REFUSED])
def test_a_decided_request_cannot_be_withdrawn(
    as_rep: Client, support_request: SupportRequest, bring: Bring, state: State
) -> None:
    bring(support_request, state)
    response = as_rep.post(url("request_withdraw", support_request), follow=True)
    assert "so it can&#x27;t be changed to withdrawn." in response.content.decode()
    assert SupportRequest.objects.get().state == state


def test_a_question_is_shown_and_the_requester_can_reply(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    text = page(as_rep, support_request)
    assert "Support has a question" in text
    assert "Because." in text
    as_rep.post(url("request_submit", support_request), {"note": "On our website, in May."})
    assert SupportRequest.objects.get().state == State.SUBMITTED
    assert "On our website, in May." in page(as_rep, support_request)


def test_the_reason_for_a_refusal_is_shown(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.REFUSED)
    assert "Reason: Because." in page(as_rep, support_request)


@pytest.mark.parametrize("state", State)
def test_every_state_shows_who_acts_next(
    as_rep: Client,
    support_request: SupportRequest,
    question: SupportRequest,
    bring: Bring,
    state: State,
) -> None:
    support_request = question if state is State.ANSWERED else support_request
    bring(support_request, state)
    text = page(as_rep, support_request)
    assert state.label in text
    button = "Send reply" if state is State.MORE_INFORMATION else "Submit request"
    assert (button in text) is state.is_editable


def test_a_draft_can_be_edited(
    as_rep: Client, support_request: SupportRequest, blocked: Callable[..., SmsMessage]
) -> None:
    attached, dropped = blocked("Kept"), blocked("Dropped")
    support_request.attach([attached, dropped])
    form = as_rep.get(url("request_edit", support_request)).context["form"]
    assert set(form["failed_messages"].value()) == {attached.pk, dropped.pk}
    data = DETAILS | {"website": "https://new.example", "failed_messages": [attached.pk]}
    assert as_rep.post(url("request_edit", support_request), data).status_code == 302
    changed = SupportRequest.objects.get()
    assert changed.website == "https://new.example"
    assert list(changed.messages.all()) == [attached]


def test_an_invalid_edit_shows_an_error(as_rep: Client, support_request: SupportRequest) -> None:
    response = as_rep.post(url("request_edit", support_request), DETAILS | {"website": ""})
    assert response.status_code == 422
    assert SupportRequest.objects.get().website == "https://acme.example"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.WHITELISTED])
def test_a_submitted_request_cannot_be_edited(
    as_rep: Client, support_request: SupportRequest, bring: Bring, state: State
) -> None:
    bring(support_request, state)
    as_rep.post(url("request_edit", support_request), DETAILS | {"website": "https://new.example"})
    assert SupportRequest.objects.get().website == "https://acme.example"


def test_pages_take_a_fixed_number_of_queries(
    as_rep: Client,
    support_request: SupportRequest,
    blocked: Callable[..., SmsMessage],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    support_request.attach([blocked(f"Text {number}") for number in range(10)])
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        page(as_rep, support_request)
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        as_rep.get(LIST)


def test_a_late_reply_shows_an_error(
    as_rep: Client, as_colleague: Client, support_request: SupportRequest, bring: Bring
) -> None:
    """Test replies after a colleague already replied, and second clicks."""
    bring(support_request, State.MORE_INFORMATION)
    as_colleague.post(url("request_submit", support_request), {"note": "In May."})
    again = as_colleague.post(
        url("request_submit", support_request), {"note": "In May.\r\n"}, follow=True
    )
    assert "reply wasn&#x27;t sent" not in again.content.decode()
    late = as_rep.post(
        url("request_submit", support_request), {"note": "In <b>June</b>."}, follow=True
    )
    assert (
        "This request was already submitted, so your reply wasn&#x27;t sent: "
        "“In &lt;b&gt;June&lt;/b&gt;.”"
    ) in late.content.decode()
    assert "June" not in str(support_request.events.values_list("note", flat=True))


def test_a_reply_of_the_maximum_length_is_accepted(
    as_rep: Client, support_request: SupportRequest, bring: Bring
) -> None:
    """Test line breaks: a browser counts each as one character and sends two."""
    bring(support_request, State.MORE_INFORMATION)
    as_rep.post(url("request_submit", support_request), {"note": "\r\n".join(["x" * 99] * 20)})
    assert SupportRequest.objects.get().state == State.SUBMITTED
    event = support_request.events.last()
    assert event is not None
    assert event.note == "\n".join(["x" * 99] * 20)

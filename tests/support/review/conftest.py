from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]
Post = Callable[..., str]


@pytest.fixture
def waiting(support_request: SupportRequest, bring: Bring) -> SupportRequest:
    """Return a request that support hasn't looked at yet."""
    bring(support_request, State.SUBMITTED)
    return support_request


@pytest.fixture
def post(as_supporter: Client) -> Post:
    """Post to a review page of a request, and return the next page, unless `follow` is false."""

    def post(
        support_request: SupportRequest, page: str, *, follow: bool = True, **data: Any
    ) -> str:
        url = reverse(f"review_{page}", args=[support_request.pk])
        return as_supporter.post(url, data, follow=follow).content.decode()

    return post


@pytest.fixture
def blocked_attempt(blocked: Callable[..., SmsMessage]) -> Callable[..., Attempt]:
    """Create a text that the carrier's spam filter blocked, with its attempt."""

    def make(text: str = "Free estimate", **fields: Any) -> Attempt:
        message = blocked(text, **fields)
        return Attempt.objects.create(
            organization=message.organization,
            message=message,
            carrier="sandbox",
            state=Attempt.State.FAILED,
            reason="spam",
            code="30007",
            carrier_words="Message filtered",
            carrier_id=f"SM{message.pk:032}",
            created=message.created,
        )

    return make


@pytest.fixture
def other_request(stranger: User) -> SupportRequest:
    """Return a submitted request of another organization."""
    assert stranger.organization is not None
    support_request = SupportRequest.objects.create(
        organization=stranger.organization,
        created_by=stranger,
        kind="other",
        subject="Zanzibar question",
        body="Zanzibar body",
    )
    move(support_request, State.SUBMITTED, stranger)
    return support_request


@pytest.fixture
def second_supporter(supporter: User) -> User:
    person = factories.user(None, "tina", is_staff=True)
    person.groups.set(supporter.groups.all())
    return person

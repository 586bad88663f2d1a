from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Request, RequestEvent
from smscenter.support.models.states import State
from tests import factories

Bring = Callable[[Request, State], list[RequestEvent]]
Post = Callable[..., str]


@pytest.fixture
def waiting(asked: Request, bring: Bring) -> Request:
    """A request that support has not looked at yet."""
    bring(asked, State.SUBMITTED)
    return asked


@pytest.fixture
def post(as_supporter: Client) -> Post:
    """Posts to one of the review pages of a request, and answers the page that follows."""

    def post(asked: Request, page: str, **data: Any) -> str:
        url = reverse(f"review_{page}", args=[asked.pk])
        return as_supporter.post(url, data, follow=True).content.decode()

    return post


@pytest.fixture
def tried(blocked: Callable[..., SmsMessage]) -> Callable[..., Attempt]:
    """Makes a text that the carrier's filter blocked, with the attempt that tells so."""

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
def other_organization_asks(stranger: User) -> Request:
    """Somebody else's request, submitted."""
    assert stranger.organization is not None
    asked = Request.objects.create(
        organization=stranger.organization,
        created_by=stranger,
        kind="other",
        subject="Zanzibar question",
        body="Zanzibar body",
    )
    asked.move(State.SUBMITTED, stranger)
    return asked


@pytest.fixture
def second_supporter(supporter: User) -> User:
    person = factories.user(None, "tina", is_staff=True)
    person.groups.set(supporter.groups.all())
    return person

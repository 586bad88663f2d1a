from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead
from messaging.models import SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.mailing import write_mails

DETAILS = {
    "website": "https://acme.example",
    "content_type": "Replies to inquiries",
    "examples": "Hi Ada, this is Rita from Acme.",
    "opted_in": "yes",
    "relationship": "They filled in our form.",
}


@pytest.fixture
def staff(db: None) -> User:
    return factories.user(None, "susan", is_staff=True, is_superuser=True)


@pytest.fixture
def as_supporter(supporter: User) -> Client:
    client = Client()
    client.force_login(supporter)
    return client


@pytest.fixture
def sender(lead: Lead) -> SenderNumber:
    return factories.sender(lead.organization)


@pytest.fixture
def blocked(lead: Lead, sender: SenderNumber) -> Callable[..., SmsMessage]:
    """Create a text that a spam filter blocked."""

    def make(text: str = "Free estimate", **fields: Any) -> SmsMessage:
        return factories.message(
            lead,
            **{"text": text, "status": "error", "reason": Reason.SPAM, "sender": sender} | fields,
        )

    return make


@pytest.fixture
def support_request(rep: User, sender: SenderNumber) -> SupportRequest:
    """Return a complete draft."""
    return SupportRequest.objects.create(
        organization=sender.organization, created_by=rep, sender=sender, **DETAILS
    )


@pytest.fixture
def question(rep: User) -> SupportRequest:
    """Return the draft of a question."""
    assert rep.organization is not None
    return SupportRequest.objects.create(
        organization=rep.organization,
        created_by=rep,
        kind="other",
        subject="Fraud protection",
        body="Why was this text stopped?",
    )


@pytest.fixture
def as_colleague(colleague: User) -> Client:
    client = Client()
    client.force_login(colleague)
    return client


@pytest.fixture
def as_staff(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


STEPS = {
    State.DRAFT: [],
    State.SUBMITTED: [State.SUBMITTED],
    State.MORE_INFORMATION: [State.SUBMITTED, State.MORE_INFORMATION],
    State.SENT_TO_CARRIER: [State.SUBMITTED, State.SENT_TO_CARRIER],
    State.WHITELISTED: [State.SUBMITTED, State.SENT_TO_CARRIER, State.WHITELISTED],
    State.ANSWERED: [State.SUBMITTED, State.ANSWERED],
    State.REFUSED: [State.SUBMITTED, State.REFUSED],
    State.WITHDRAWN: [State.WITHDRAWN],
}


@pytest.fixture
def bring(rep: User, staff: User) -> Callable[[SupportRequest, State], list[SupportRequestEvent]]:
    """Move a draft to a state, through transitions by users with permission."""

    def go(support_request: SupportRequest, state: State) -> list[SupportRequestEvent]:
        movers = {State.SUBMITTED: rep, State.WITHDRAWN: rep}
        events = [
            move(support_request, to, movers.get(to, staff), "Because.") for to in STEPS[state]
        ]
        write_mails()
        return events

    return go

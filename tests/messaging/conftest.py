from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from pytest_django import Settings

from leads.models import Contact, Lead
from messaging import carriers
from messaging.models import Attempt, SenderNumber, SmsMessage
from messaging.outgoing import outbox
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging.desk import Desk

Queue = Callable[..., SmsMessage]


@pytest.fixture
def desk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a carrier whose responses the test sets."""
    settings.CARRIERS = ["sandbox", "desk"]
    monkeypatch.setitem(carriers.REGISTRY, "desk", "tests.messaging.desk.Desk")
    carriers.get.cache_clear()
    yield cast("Desk", carriers.get("desk"))
    carriers.get.cache_clear()


@pytest.fixture
def sender(organization: Organization, desk: Desk) -> SenderNumber:
    return factories.sender(organization, carrier="desk", rate=100)


@pytest.fixture
def contact(lead: Lead) -> Contact:
    return factories.contact(lead)


@pytest.fixture
def queue(rep: User, lead: Lead, contact: Contact, sender: SenderNumber) -> Queue:
    def queue(to: str = factories.MOBILE, text: str = "Hello", **fields: Any) -> SmsMessage:
        defaults: dict[str, Any] = {"user": rep, "lead": lead, "contact": contact, "sender": sender}
        return outbox.queue(**defaults | {"to": to, "text": text} | fields)

    return queue


def only_attempt(message: SmsMessage) -> Attempt:
    return Attempt.objects.get(message=message)

from collections.abc import Callable

import pytest
from django.test import Client

from leads.models import Lead
from messaging.models import SenderNumber, Thread
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.messaging import calls


@pytest.fixture(autouse=True)
def number(organization: Organization) -> SenderNumber:
    """Unknown numbers don't become leads here."""
    Organization.objects.update(unknown_senders_become_leads=False)
    return factories.sender(organization)


@pytest.fixture
def thread(lead: Lead) -> Thread:
    """Return the thread of a lead that replied."""
    factories.contact(lead)
    calls.text("How much is it?")
    return Thread.objects.get(lead=lead)


@pytest.fixture
def unknown(organization: Organization) -> Thread:
    """Return the thread of a number that no lead has."""
    calls.text("Got your flyer", sid="SMin9", sender=factories.OTHER_MOBILE)
    return Thread.objects.get(lead=None)


@pytest.fixture
def as_colleague(colleague: User) -> Client:
    client = Client()
    client.force_login(colleague)
    return client


Listed = Callable[..., list[str]]


@pytest.fixture
def listed() -> Listed:
    """Return the names of the threads in a list of the inbox."""

    def names(client: Client, tab: str = "mine") -> list[str]:
        context = client.get(f"/inbox/?tab={tab}").context
        return [str(row.thread) for row in context["threads"].rows]

    return names

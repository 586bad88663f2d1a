from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead
from messaging import worker
from messaging.bulk import work
from messaging.models import BulkSend, SenderNumber
from smscenter.accounts.models import User
from tests import factories

Create = Callable[..., BulkSend]


@pytest.fixture(autouse=True)
def several_numbers(settings: Any) -> None:
    """Pace is tested on its own."""
    settings.TEXTS_PER_HOUR_BY_ORGANIZATION = 0


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    return [recipient(rep, n) for n in range(3)]


def number(n: int) -> str:
    """Return a number without a location, for which no time of day is quiet."""
    return f"+1500777{n:04}"


def recipient(rep: User, n: int, phone: str = "") -> Lead:
    lead = factories.lead(rep, f"Lead {n}")
    factories.contact(lead, phone or number(n), f"Ada{n} Baker")
    return lead


def url(leads: list[Lead]) -> str:
    return "/bulk/new/?kind=send&only=ticked" + "".join(f"&ids={lead.pk}" for lead in leads)


@pytest.fixture
def create(as_rep: Client, sender: SenderNumber) -> Create:
    """Create a bulk send on the page, and let the worker prepare it."""

    def create(at: str = "/bulk/new/?kind=send", **fields: Any) -> BulkSend:
        form = as_rep.get(at).context["form"]
        data = {
            "text": "Hi {{ contact.first_name|there }}",
            "sender": sender.pk,
            "pace": 6000,
            "form_token": form["form_token"].value(),
        }
        response = as_rep.post(at, data | fields)
        assert response.status_code == 302, response.context["form"].errors
        prepare()
        return BulkSend.objects.latest("id")

    return create


def prepare() -> None:
    while BulkSend.objects.filter(state="preparing").exists():
        wake()
        work.run()


def wake() -> None:
    """Don't wait until workers look again."""
    BulkSend.objects.update(worked_until=None)


def finish(bulk: BulkSend) -> None:
    """Let the worker make and send the texts."""
    for _ in range(100):
        wake()
        work.run()
        while worker.run_round():
            pass
        bulk.refresh_from_db()
        if bulk.state != "running":
            return


def move(client: Client, bulk: BulkSend, move: str) -> Any:
    return client.post(f"/bulk/{bulk.pk}/move/", {"move": move})


def buckets(client: Client, bulk: BulkSend) -> dict[str, int]:
    """Return what the page says: each bucket and its number."""
    account = client.get(f"/bulk/{bulk.pk}/").context["account"]
    return {line.key: line.number for line in account.lines}

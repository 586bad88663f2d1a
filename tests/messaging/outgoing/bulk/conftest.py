from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from leads.models import Lead
from messaging.carriers import breaker
from messaging.management import worker
from messaging.models import BulkItem, BulkSend, SenderNumber
from messaging.outgoing.bulk import work
from smscenter.accounts.models import User
from tests import factories

Create = Callable[..., BulkSend]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Start like a process that has read nothing yet, without the organization's limit."""
    monkeypatch.setattr(breaker, "known", breaker.Known())
    settings.TEXTS_PER_HOUR_BY_ORGANIZATION = 0


@pytest.fixture
def leads(rep: User) -> list[Lead]:
    return [recipient(rep, n) for n in range(3)]


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
        while BulkSend.objects.filter(state="preparing").exists():
            step()
        return BulkSend.objects.latest("id")

    return create


def number(n: int) -> str:
    """Return a number without a location, for which no time of day is quiet."""
    return f"+1500777{n:04}"


def recipient(rep: User, n: int, phone: str = "") -> Lead:
    lead = factories.lead(rep, f"Lead {n}")
    factories.contact(lead, phone or number(n), f"Ada{n} Baker")
    return lead


def ticked(rows: Sequence[Any], kind: str = "send") -> str:
    ids = "".join(f"&ids={row.pk}" for row in rows)
    return f"/bulk/new/?kind={kind}&only=ticked{ids}"


def step() -> None:
    """Let the worker prepare and make texts, without the pauses between its steps."""
    BulkSend.objects.update(worked_until=None)
    work.run()


def finish(bulk: BulkSend) -> None:
    """Let the worker make and send the texts until there's nothing to do right now."""
    for _ in range(50):
        made = bulk.items.filter(state="made").count()
        step()
        while worker.run_round():
            pass
        bulk.refresh_from_db()
        if bulk.state != "running" or bulk.items.filter(state="made").count() == made:
            return


def move(client: Client, bulk: BulkSend, name: str) -> Any:
    response = client.post(f"/bulk/{bulk.pk}/move/", {"move": name})
    if BulkSend.objects.filter(pk=bulk.pk).exists():
        bulk.refresh_from_db()
    return response


def choose(client: Client, bulk: BulkSend, name: str, items: Iterable[BulkItem] = ()) -> Any:
    data = {"choose": name, "positions": [item.position for item in items]}
    return client.post(f"/bulk/{bulk.pk}/choose/", data)


def buckets(client: Client, bulk: BulkSend) -> dict[str, int]:
    """Return what the page says: each bucket and its number. They add up to the total."""
    account = client.get(f"/bulk/{bulk.pk}/").context["account"]
    assert account.total == bulk.total
    return {line.key: line.number for line in account.lines}


def reasons(client: Client, bulk: BulkSend, bucket: str) -> dict[str, int]:
    """Return the reasons in a bucket, and how many items have each."""
    account = client.get(f"/bulk/{bulk.pk}/").context["account"]
    [line] = [line for line in account.lines if line.key == bucket]
    return {reason.key: reason.number for reason in line.reasons}

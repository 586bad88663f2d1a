"""The disk with the SQLite database is full for a while. Then there's room again."""

import os
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leads.models import Lead, Note
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import Attempt, CarrierEvent
from messaging.outgoing import outbox
from smscenter.accounts.models import User
from tests import factories
from tests.faults.workers import Workers, wait_until
from tests.messaging import calls

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

TEXTS = 200
CARRIERS = {"keyless": ["-m", "tests.faults.keyless_worker"], "sandbox": None}
LEASE = 6


@pytest.fixture(autouse=True)
def _only_on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's disk is the server's")


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[SandboxServer]:
    """Run the sandbox without receipts, which would prove that a text arrived."""
    with SandboxServer(control=Control(lose=1.0), seed=7) as server:
        settings.SANDBOX_URL = server.url
        yield server


def limit_files(process: int, size: int) -> None:
    """Let each write of a process beyond `size` bytes fail, as if the disk were full."""
    _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))


def seconds_used(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def all_settled() -> bool:
    return not Attempt.objects.filter(state__in=["queued", "sending"]).exists()


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let the database of this process not grow, nor use the room that was freed."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA max_page_count")
        (most,) = cursor.fetchone()
        cursor.execute("PRAGMA max_page_count = 1")
        yield
        cursor.execute(f"PRAGMA max_page_count = {most}")


@pytest.mark.usefixtures("no_room")
def test_people_read_that_nothing_was_saved(rep: User, lead: Lead, client: Client) -> None:
    client.force_login(rep)
    address = reverse("note_new", args=[lead.pk])
    response = client.post(address, {"text": "Hello " * 3000})
    assert response.status_code == 503
    assert "The server's disk is full." in response.content.decode()
    assert not Note.objects.exists()
    assert client.get(lead.get_absolute_url()).status_code == 200


@pytest.mark.usefixtures("no_room")
def test_a_callback_is_refused_so_that_the_carrier_calls_again() -> None:
    client = Client(raise_request_exception=False)
    path = reverse("webhook_status", args=["sandbox"])
    body = calls.form(MessageSid="SM1", MessageStatus="delivered", About="Hello " * 3000)
    assert calls.post(path, body, client=client).status_code >= 500
    assert not CarrierEvent.objects.exists()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
@pytest.mark.parametrize("carrier", list(CARRIERS)[: 2 if "FAULT_ROUNDS" in os.environ else 1])
def test_a_worker_goes_on_when_there_is_room_again(
    rep: User, lead: Lead, sandbox: SandboxServer, carrier: str
) -> None:
    sender = factories.sender(lead.organization, carrier=carrier, rate=30_000)
    for n in range(TEXTS):
        to = f"+1415200{n:04}"
        outbox.queue(user=rep, lead=lead, contact=None, sender=sender, to=to, text="Hello")
    with Workers(1, sandbox.url, CARRIERS[carrier], LEASE) as workers:
        process = workers.running[0]
        wait_until(lambda: len(sandbox.network.texts) > 20)
        limit_files(process.pid, 0)
        # These can't be processed either.
        CarrierEvent.objects.bulk_create(
            CarrierEvent(carrier=carrier, kind="status", event_id=n, carrier_id=n, payload=[])
            for n in range(50)
        )
        # What has begun is sent, but can't be stored.
        arrived = -1
        while arrived != (arrived := len(sandbox.network.texts)):
            time.sleep(LEASE / 3)  # the longest that a request takes
        used = seconds_used(process.pid)
        assert arrived < TEXTS, "all were sent before the disk was full"
        time.sleep(LEASE)
        assert process.poll() is None
        assert len(sandbox.network.texts) == arrived
        assert seconds_used(process.pid) - used < LEASE / 2
        limit_files(process.pid, resource.RLIM_INFINITY)
        wait_until(all_settled, every=0.1)
        assert workers.stop() == [0]
    assert set(Counter(text.to for text in sandbox.messages).values()) == {1}
    # If the machine is slow, a person has to decide about some.
    unconfirmed = Attempt.objects.filter(state="uncertain").count()
    accepted = {*Attempt.objects.filter(state="accepted").values_list("carrier_id", flat=True)}
    assert len(accepted) + unconfirmed == TEXTS
    assert accepted <= {text.sid for text in sandbox.messages}

"""A bulk send in which much goes wrong, while a worker is killed: each recipient is accounted for.

`make faults` sends to 10,000, as they really are, and prints how long it takes.
"""

import os
import re
from collections import Counter
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.test import Client

from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from messaging.models import BulkSend, SmsMessage
from smscenter.accounts.models import User
from tests import factories
from tests.faults.workers import Workers, bring_forward, wait_until
from tests.messaging.outgoing.bulk import crowd
from tests.messaging.outgoing.bulk.conftest import buckets, move, reasons

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

IS_LONG = "FAULT_ROUNDS" in os.environ
REFUSED, FAILING, HANGING, GOOD = (500, 300, 50, 9_149) if IS_LONG else (10, 12, 1, 76)
TOTAL = REFUSED + FAILING + HANGING + GOOD + 1
SETTINGS = {
    "TEXTS_PER_HOUR_BY_ORGANIZATION": "0",
    # Requests that hang at the same time aren't an outage here.
    "CARRIER_FAILURES_BEFORE_PAUSE": "1000",
    # On a busy machine, shorter leases would end in the middle of a request.
    "SEND_LEASE_SECONDS": "15",
    "CARRIER_TIMEOUT_SECONDS": "3",
}


def test_every_recipient_is_accounted_for(
    as_rep: Client,
    rep: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rep.organization is not None
    factories.sender(rep.organization, rate=30_000)
    crowd.create(
        rep,
        monkeypatch,
        good=GOOD,
        refused=REFUSED,
        failing=FAILING,
        hanging=HANGING,
        failures=crowd.REJECTED,
    )
    with SandboxServer(control=Control(lose=1.0)) as sandbox:
        workers = Workers(2, sandbox.url)
        workers.environment |= SETTINGS
        with workers:
            bulk = preview(as_rep)
            start = monotonic()
            move(as_rep, bulk, "start")
            wait_until(lambda: len(sandbox.network.texts) > GOOD // 2, seconds=600)
            workers.kill(0)
            workers.start()
            wait_until(lambda: is_settled(as_rep, bulk), seconds=900)
            print(f"a bulk of {TOTAL:,}: {monotonic() - start:.0f} s, {memory(workers)} MB")  # noqa: T201
            assert workers.stop() == [0, 0]
    assert buckets(as_rep, bulk) == {
        "sent": GOOD + HANGING,
        "failed": FAILING,
        "left_out": REFUSED + 1,
    }
    assert {*reasons(as_rep, bulk, "failed")} == {"invalid_number", "not_sms_capable", "opted_out"}
    assert reasons(as_rep, bulk, "left_out") == {"opted_out": REFUSED, "invalid_number": 1}
    # None doubled, at the carrier or here, and none lost.
    assert {*Counter(text.to for text in sandbox.messages).values()} == {1}
    assert SmsMessage.objects.count() == TOTAL - REFUSED - 1


def preview(client: Client) -> BulkSend:
    at = "/bulk/new/?kind=send"
    form = client.get(at).context["form"]
    start = monotonic()
    fields = {"text": "Hi {{ contact.first_name }}, we open at 9.", "pace": 6_000}
    sender = next(iter(form.fields["sender"].rows))
    token = form["form_token"].value()
    response = client.post(at, fields | {"sender": sender, "form_token": token})
    posted = monotonic()
    bulk = BulkSend.objects.get()
    assert response["Location"] == bulk.get_absolute_url()
    wait_until(lambda: BulkSend.objects.get().state == "ready", every=0.1)
    ready = monotonic()
    client.get(bulk.get_absolute_url())
    shown = monotonic() - ready
    print(  # noqa: T201 - measured
        f"preview: stored in {posted - start:.2f} s, checked in {ready - posted:.1f} s, "
        f"shown in {shown:.2f} s"
    )
    return bulk


def is_settled(client: Client, bulk: BulkSend) -> bool:
    """Return whether all is over. The carrier reports nothing later: it rejects at once."""
    # The page takes longer, and the sandbox is in this process.
    if not BulkSend.objects.filter(pk=bulk.pk, state="done").exists():
        sleep(0.2)
        return False
    if not IS_LONG:  # don't wait a minute until the request that hung is sent again
        bring_forward()
    numbers = buckets(client, bulk)
    return numbers.get("failed") == FAILING and "in_progress" not in numbers


def memory(workers: Workers) -> str:
    """Return the most memory that each worker used, in MB."""
    found = []
    for process in workers.running:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        found.append(int(peak[1]) // 1024 if peak else 0)
    return " and ".join(map(str, found))

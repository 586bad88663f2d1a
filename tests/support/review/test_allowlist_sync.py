"""Test that the sandbox's filter lets a number pass only while it's whitelisted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from messaging import carriers
from messaging.carriers import Carrier
from messaging.carriers.sandbox.server import SandboxServer
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.requests.whitelistings import revoke
from smscenter.support.review import carrier_lists
from tests.factories import OUR_NUMBER
from tests.logs import Lines

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture(autouse=True)
def empty_sync_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier_lists, "_sent", {})
    monkeypatch.setattr(carrier_lists, "_failing", set())
    carriers.get.cache_clear()


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[SandboxServer]:
    with SandboxServer(port=0) as server:
        settings.SANDBOX_URL = server.url
        yield server


def listed(sandbox: SandboxServer) -> list[str]:
    return sandbox.network.control.whitelisted


def test_whitelistings_and_revocations_are_synced(
    sandbox: SandboxServer, support_request: SupportRequest, bring: Bring, staff: User
) -> None:
    bring(support_request, State.SENT_TO_CARRIER)
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == []
    move(support_request, State.WHITELISTED, staff)
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == [OUR_NUMBER]
    revoke(Whitelisting.objects.get(), staff, "Complaints.")
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == []


def test_expiries_are_synced(
    sandbox: SandboxServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == [OUR_NUMBER]
    past = timezone.now() - timedelta(days=2)
    Whitelisting.objects.update(granted=past, expires=past + timedelta(days=1))
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == []


def test_a_sandbox_that_was_down_is_synced_later(
    settings: Settings,
    sandbox: SandboxServer,
    support_request: SupportRequest,
    bring: Bring,
    lines: Lines,
) -> None:
    bring(support_request, State.WHITELISTED)
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    carrier_lists.sync_allowlists()
    carrier_lists.sync_allowlists()
    [line] = [line for line in lines.values if line["event"] == "allowlist_not_synced"]
    assert "Connection refused" in line["error"]
    settings.SANDBOX_URL = sandbox.url
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == [OUR_NUMBER]


def test_a_restarted_sandbox_is_synced_again(
    sandbox: SandboxServer,
    support_request: SupportRequest,
    bring: Bring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring(support_request, State.WHITELISTED)
    carrier_lists.sync_allowlists()
    sandbox.network.control.whitelisted = []
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == []
    monkeypatch.setattr(carrier_lists, "RESEND_AFTER", 0.0)
    carrier_lists.sync_allowlists()
    assert listed(sandbox) == [OUR_NUMBER]


def test_changes_during_a_sync_are_synced_too(
    support_request: SupportRequest, bring: Bring, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test two workers that overtake each other: the last one checks its list again."""
    bring(support_request, State.WHITELISTED)
    synced: list[list[str]] = []

    def whitelist(_carrier: Carrier, numbers: list[str]) -> None:
        synced.append(numbers)
        if len(synced) == 1:
            revoke(Whitelisting.objects.get(), staff, "Meanwhile.")

    monkeypatch.setattr(type(carriers.get("sandbox")), "whitelist", whitelist)
    carrier_lists.sync_allowlists()
    assert synced == [[OUR_NUMBER], []]


def test_other_carriers_are_not_synced(
    settings: Settings,
    support_request: SupportRequest,
    bring: Bring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(carriers.REGISTRY, "desk", "tests.messaging.desk.Desk")
    settings.CARRIERS = ["desk"]
    bring(support_request, State.WHITELISTED)
    Whitelisting.objects.update(carrier="desk")
    carrier_lists.sync_allowlists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_syncs_the_sandbox(
    sandbox: SandboxServer, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.WHITELISTED)
    call_command("worker", once=True, interval=0, stdout=StringIO())
    assert listed(sandbox) == [OUR_NUMBER]

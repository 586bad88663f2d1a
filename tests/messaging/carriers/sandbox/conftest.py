from collections.abc import Iterator

import pytest
from pytest_django import Settings

from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from tests.messaging.carriers.listener import Listener


@pytest.fixture
def control() -> Control:
    return Control(delay=0.01, reply_delay=0.01, hang=5, retries=[0.01, 0.01, 0.01])


@pytest.fixture
def server(settings: Settings, listener: Listener, control: Control) -> Iterator[SandboxServer]:
    with SandboxServer(control=control, seed=7) as server:
        settings.SANDBOX_URL = server.url
        yield server


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    """Return the sandbox carrier, connected to the server."""
    return Sandbox()

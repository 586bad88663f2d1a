import uuid
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from messaging.carriers import OutgoingSms
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.courier import Control
from messaging.carriers.sandbox.server import SandboxServer
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.listener import Listener

MakeSms = Callable[..., OutgoingSms]


@pytest.fixture
def make_sms() -> MakeSms:
    def make(
        text: str = "Hello",
        to: str = MOBILE,
        sender: str = OUR_NUMBER,
        key: uuid.UUID | None = None,
    ) -> OutgoingSms:
        return OutgoingSms(key=key or uuid.uuid4(), sender=sender, to=to, text=text)

    return make


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    """Is our public address while the test runs."""
    with Listener() as listener:
        settings.PUBLIC_URL = listener.url
        yield listener


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
    """The carrier, which reaches the server."""
    return Sandbox()

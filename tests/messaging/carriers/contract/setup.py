"""A carrier whose API is a small server of the test's."""

import uuid
from collections.abc import Iterator
from importlib import import_module

import pytest
from pytest_django import Settings

from messaging.carriers import Carrier, OutgoingSms
from tests.factories import MOBILE, OUR_NUMBER
from tests.messaging.carriers.contract.small_server import SmallServer
from tests.messaging.carriers.contract.wire import PUBLIC_URL, Wire

# In seconds: long enough for a busy machine.
TIMEOUT = 10

# A text that forms, JSON, and headers can get wrong.
TEXT = "Grüße & 50 % = 😀\nbis +morgen"


def make_sms(**fields: object) -> OutgoingSms:
    defaults: dict[str, object] = {"key": uuid.uuid4(), "sender": OUR_NUMBER, "to": MOBILE}
    return OutgoingSms(**defaults | {"text": TEXT} | fields)  # type: ignore[arg-type]


class WithCarrier:
    wire: Wire

    @pytest.fixture
    def api(self) -> Iterator[SmallServer]:
        with SmallServer() as server:
            yield server

    @pytest.fixture(autouse=True)
    def _configured(self, settings: Settings, api: SmallServer) -> None:
        settings.PUBLIC_URL = PUBLIC_URL
        settings.CARRIER_TIMEOUT_SECONDS = TIMEOUT
        self.wire.configure(settings, api.url)

    @pytest.fixture
    def carrier(self) -> Carrier:
        module, _, name = self.wire.adapter.rpartition(".")
        adapter: Carrier = getattr(import_module(module), name)()
        return adapter

from pytest_django import Settings

from tests.messaging.carriers.contract import CarrierContract, CarrierFiles, CarrierInUse
from tests.messaging.carriers.contract.wire import SECRET
from tests.messaging.carriers.twilio_protocol.wire import TwilioWire


class Wire(TwilioWire):
    adapter = "messaging.carriers.sandbox.adapter.Adapter"
    key = "sandbox"

    def configure(self, settings: Settings, url: str, secret: str = SECRET) -> None:
        settings.SANDBOX_URL, settings.SANDBOX_AUTH_TOKEN = url, secret


class TestContract(CarrierContract):
    wire = Wire()


class TestInUse(CarrierInUse):
    wire = Wire()


class TestFiles(CarrierFiles):
    wire = Wire()

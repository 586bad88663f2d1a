from pytest_django import Settings

from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.contract import CarrierContract, CarrierFiles, CarrierInUse
from tests.messaging.carriers.contract.wire import SECRET
from tests.messaging.carriers.twilio_protocol.wire import SID, TwilioWire


class Wire(TwilioWire):
    adapter = "messaging.carriers.twilio.adapter.Adapter"
    key = "twilio"

    def configure(self, settings: Settings, url: str, secret: str = SECRET) -> None:
        settings.TWILIO_ACCOUNTS = {"": Account(SID, secret, api_url=url)}


class TestContract(CarrierContract):
    wire = Wire()


class TestInUse(CarrierInUse):
    wire = Wire()


class TestFiles(CarrierFiles):
    wire = Wire()

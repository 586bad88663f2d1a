"""Two carriers that share nothing with Twilio's protocol keep the contract from doing so."""

from tests.messaging.carriers.contract import CarrierContract, CarrierFiles, CarrierInUse
from tests.messaging.carriers.pigeon.wire import PigeonWire, StorkWire


class TestPigeon(CarrierContract):
    wire = PigeonWire()


class TestPigeonInUse(CarrierInUse):
    wire = PigeonWire()


class TestPigeonFiles(CarrierFiles):
    wire = PigeonWire()


class TestStork(CarrierContract):
    wire = StorkWire()


class TestStorkInUse(CarrierInUse):
    wire = StorkWire()

from tests.messaging.carriers.contract import CarrierContract, CarrierInUse
from tests.messaging.carriers.pigeon.wire import PigeonWire


class TestContract(CarrierContract):
    wire = PigeonWire()


class TestInUse(CarrierInUse):
    wire = PigeonWire()

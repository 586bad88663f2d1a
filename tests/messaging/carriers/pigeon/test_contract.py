from tests.messaging.carriers.contract import CarrierContract
from tests.messaging.carriers.pigeon.wire import PigeonWire


class TestContract(CarrierContract):
    wire = PigeonWire()

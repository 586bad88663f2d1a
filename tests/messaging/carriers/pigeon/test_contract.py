from tests.messaging.carriers.contract import CarrierContract
from tests.messaging.carriers.contract_in_use import CarrierInUse
from tests.messaging.carriers.pigeon.wire import PigeonWire


class TestContract(CarrierContract):
    wire = PigeonWire()


class TestInUse(CarrierInUse):
    wire = PigeonWire()

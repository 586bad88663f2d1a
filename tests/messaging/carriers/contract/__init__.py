"""The contract of a carrier: tests that every carrier's tests inherit.

    class TestContract(CarrierContract):
        wire = AcmeWire()


    class TestInUse(CarrierInUse):
        wire = AcmeWire()


    class TestFiles(CarrierFiles):  # if it has a `download`
        wire = AcmeWire()

`AcmeWire` says how the carrier's API and webhooks look (`wire.py`).
"""

from tests.messaging.carriers.contract.in_use import CarrierInUse
from tests.messaging.carriers.contract.media import CarrierFiles
from tests.messaging.carriers.contract.pictures import PictureContract
from tests.messaging.carriers.contract.requests import RequestContract
from tests.messaging.carriers.contract.webhooks import WebhookContract

__all__ = ["CarrierContract", "CarrierFiles", "CarrierInUse"]


class CarrierContract(RequestContract, WebhookContract, PictureContract):
    """Requests over real HTTP, and webhooks, without a database."""

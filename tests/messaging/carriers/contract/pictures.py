"""Pictures to send: the carrier gets their address, or refuses them before anything is sent."""

from django.conf import settings

from messaging.carriers import Carrier
from tests.messaging.carriers.contract.setup import WithCarrier, make_sms
from tests.messaging.carriers.contract.small_server import SmallServer

URL = "https://sms.example.com/pictures/Mzpz&x=ü/"


class PictureContract(WithCarrier):
    def test_a_picture_is_sent_by_its_address(self, carrier: Carrier, api: SmallServer) -> None:
        if carrier.picture_rules is None:
            return
        api.always(self.wire.taken("SM1"))
        for text in ("Look", ""):
            carrier.send(make_sms(text=text, picture_url=URL))
        urls = [self.wire.picture_url(request) for request in api.requests]
        assert urls == [URL, URL]
        assert [self.wire.read(request).text for request in api.requests] == ["Look", ""]

    def test_a_text_without_a_picture_has_no_address_of_one(
        self, carrier: Carrier, api: SmallServer
    ) -> None:
        api.always(self.wire.taken("SM1"))
        carrier.send(make_sms())
        assert self.wire.picture_url(api.requests[0]) == ""

    def test_the_rules_are_complete(self, carrier: Carrier) -> None:
        if rules := carrier.picture_rules:
            assert 100_000 < rules.largest < settings.LONGEST_BODY
            assert rules.regions
            assert rules.places
            assert rules.longest_text >= 160

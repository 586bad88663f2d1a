from django.test import RequestFactory
from pytest_django import Settings

from messaging.carriers.twilio.adapter import Adapter as Twilio
from tests.messaging.carriers.twilio_protocol.signed_webhooks import SignedWebhooks


class TestSignatures(SignedWebhooks):
    carrier = Twilio()
    token_setting = "TWILIO_AUTH_TOKEN"

    def test_two_tokens_are_valid_during_a_rotation(self, settings: Settings) -> None:
        request = self.request(self.sign(token="54321"))
        settings.TWILIO_OLD_AUTH_TOKEN = "54321"
        assert self.carrier.is_genuine(request)
        assert self.carrier.is_genuine(self.request(self.sign()))
        assert not self.carrier.is_genuine(self.request(self.sign(token="98765")))
        assert not self.carrier.is_genuine(self.request(self.sign(token="")))


def test_twilios_published_example_is_genuine(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://mycompany.com"
    settings.TWILIO_AUTH_TOKEN = "12345"
    request = RequestFactory().post(
        "/myapp.php?foo=1&bar=2",
        {
            "CallSid": "CA1234567890ABCDE",
            "Caller": "+14158675309",
            "Digits": "1234",
            "From": "+14158675309",
            "To": "+18005551212",
        },
        headers={"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    )
    assert Twilio().is_genuine(request)

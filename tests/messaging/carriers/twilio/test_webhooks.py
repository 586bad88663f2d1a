import pytest
from pytest_django import Settings

from messaging.carriers.twilio.adapter import Adapter as Twilio
from messaging.carriers.twilio_protocol import signatures
from messaging.carriers.twilio_protocol.accounts import Account
from tests.messaging.carriers.twilio_protocol.signed_webhooks import SignedWebhooks


class TestSignatures(SignedWebhooks):
    carrier = Twilio()

    @staticmethod
    def set_token(settings: Settings, token: str) -> None:
        settings.TWILIO_ACCOUNTS = {"": Account("AC1", token)}

    def test_two_tokens_are_valid_during_a_rotation(self, settings: Settings) -> None:
        request = self.request(self.sign(token="54321"))
        token = settings.TWILIO_ACCOUNTS[""].auth_token
        settings.TWILIO_ACCOUNTS = {"": Account("AC1", token, old_auth_token="54321")}
        assert self.carrier.is_genuine(request)
        assert self.carrier.is_genuine(self.request(self.sign()))
        assert not self.carrier.is_genuine(self.request(self.sign(token="98765")))
        assert not self.carrier.is_genuine(self.request(self.sign(token="")))


@pytest.mark.parametrize(
    ("algorithm", "signature"),
    [
        # https://www.twilio.com/docs/usage/security: an example with its result.
        ("HMAC_SHA1", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        # The same by Twilio's Python library, 9.13.
        ("HMAC_SHA256", "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
    ],
)
def test_published_examples_are_signed_the_same(algorithm: str, signature: str) -> None:
    params = {
        "To": ["+18005551212"],
        "CallSid": ["CA1234567890ABCDE"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "Caller": ["+14158675309"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signatures.sign("12345", url, params, algorithm) == signature

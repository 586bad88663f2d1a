from pytest_django import Settings

from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from tests.messaging.carriers.twilio_protocol.signed_webhooks import SignedWebhooks


class TestSignatures(SignedWebhooks):
    carrier = Sandbox()

    @staticmethod
    def set_token(settings: Settings, token: str) -> None:
        settings.SANDBOX_AUTH_TOKEN = token

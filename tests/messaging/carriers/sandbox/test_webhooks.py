from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from tests.messaging.carriers.twilio_protocol.signed_webhooks import SignedWebhooks


class TestSignatures(SignedWebhooks):
    carrier = Sandbox()
    token_setting = "SANDBOX_AUTH_TOKEN"

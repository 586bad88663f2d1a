"""A carrier that knows no idempotency keys."""

from django.conf import settings
from twilio.rest import Client

from messaging.carriers import OutgoingSms
from messaging.carriers.sandbox import Sandbox
from messaging.carriers.twilio.http import PooledHttpClient


class Keyless(Sandbox):
    """The sandbox as Twilio is: it has to be asked what it has."""

    key = "keyless"
    takes_idempotency_key = False

    def client(self, sms: OutgoingSms) -> Client:
        http = PooledHttpClient(
            self.session,
            timeout=settings.CARRIER_TIMEOUT_SECONDS,
            begin_by=sms.begin_by,
            base=("https://api.twilio.com", settings.SANDBOX_URL),
        )
        return Client(settings.SANDBOX_ACCOUNT_SID, settings.SANDBOX_AUTH_TOKEN, http_client=http)

"""The sandbox carrier: production's code for Twilio, against a server of our own.

`manage.py sandbox` runs the server; its numbers that fail on purpose are in `numbers.py`.
"""

from collections.abc import Collection

import requests
from django.conf import settings
from twilio.rest import Client

from messaging.carriers import CarrierError, OutgoingSms
from messaging.carriers.twilio import Twilio
from messaging.carriers.twilio.http import PooledHttpClient, pooled_session


class Sandbox(Twilio):
    key = "sandbox"
    takes_idempotency_key = True

    def __init__(self) -> None:
        # It runs on this machine, where a proxy of the environment does not lead.
        self.session = pooled_session(trust_env=False)

    @property
    def code_map(self) -> str:
        return Twilio.key

    def client(self, sms: OutgoingSms) -> Client:
        return Client(
            settings.SANDBOX_ACCOUNT_SID,
            settings.SANDBOX_AUTH_TOKEN,
            http_client=PooledHttpClient(
                self.session,
                timeout=settings.CARRIER_TIMEOUT_SECONDS,
                begin_by=sms.begin_by,
                headers={"Idempotency-Key": str(sms.key)},
                base=("https://api.twilio.com", settings.SANDBOX_URL),
            ),
        )

    def auth_token(self) -> str:
        token: str = settings.SANDBOX_AUTH_TOKEN
        return token

    def whitelist(self, numbers: Collection[str]) -> None:
        """Through its control API, which no real carrier has."""
        try:
            self.session.patch(
                f"{settings.SANDBOX_URL}/control/",
                json={"whitelisted": list(numbers)},
                timeout=settings.CARRIER_TIMEOUT_SECONDS,
            ).raise_for_status()
        except requests.RequestException as error:
            raise CarrierError(str(error)) from error

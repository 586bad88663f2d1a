from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error

from messaging.carriers.twilio_protocol.carrier import Credentials, TwilioProtocol


class Adapter(TwilioProtocol):
    key = "twilio"
    label = "Twilio"

    def credentials(self) -> Credentials:
        return Credentials(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)

    def signing_tokens(self) -> list[str]:
        return [settings.TWILIO_AUTH_TOKEN, settings.TWILIO_OLD_AUTH_TOKEN]

    def check(self) -> Iterator[CheckMessage]:
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
            if not getattr(settings, name):
                yield Error(
                    f"Twilio is one of your CARRIERS, but {name} is missing.",
                    hint="Copy it from the home page of the Twilio Console.",
                    id="messaging.E003",
                )

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django.conf import settings
from django.core.checks import CheckMessage, Error

from messaging.carriers import OutgoingSms
from messaging.carriers.responses import is_success, refusal
from messaging.carriers.session import BoundedSession
from messaging.carriers.twilio_protocol.accounts import Account
from messaging.carriers.twilio_protocol.carrier import TwilioProtocol
from messaging.models.reason import Reason


class Adapter(TwilioProtocol):
    key = "sandbox"
    label = "Sandbox"
    takes_idempotency_key = True
    # The server is on this machine.
    picture_rules = replace(TwilioProtocol.picture_rules, needs_public_url=False)

    sample_failures = (
        (Reason.NOT_SMS_CAPABLE.label, "+15005550106"),
        (Reason.SPAM.label, "+15005550107"),
        (Reason.INVALID_NUMBER.label, "+15005550105"),
        (Reason.UNREACHABLE.label, "+15005550103"),
        (Reason.OPTED_OUT.label, "+15005550004"),
    )

    def __init__(self) -> None:
        # The server is on this machine, so don't use a proxy from the environment.
        self.session = BoundedSession(use_proxy=False)

    @property
    def accounts(self) -> Mapping[str, Account]:
        sid, token = settings.SANDBOX_ACCOUNT_SID, settings.SANDBOX_AUTH_TOKEN
        return {"": Account(sid, token, api_url=settings.SANDBOX_URL)}

    def headers(self, sms: OutgoingSms) -> dict[str, str]:
        return {"Idempotency-Key": str(sms.key)}

    def whitelist(self, numbers: Collection[str]) -> None:
        """Send the list to the control API, which no real carrier has."""
        response = self.session.request(
            "PATCH",
            f"{settings.SANDBOX_URL}/control/",
            json={"whitelisted": list(numbers)},
            timeout=settings.CARRIER_TIMEOUT_SECONDS,
        )
        if not is_success(response):
            raise refusal(response, code="", words=f"HTTP status {response.status}")

    def check_deployment(self) -> Iterator[CheckMessage]:
        if not settings.DEBUG:
            yield Error(
                "The sandbox is one of your CARRIERS, and it doesn't send texts to real phones.",
                hint="Remove it from CARRIERS. In a practice environment, expect this error.",
                id="messaging.E005",
            )

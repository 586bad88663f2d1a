"""A carrier that knows no idempotency keys."""

from messaging.carriers import OutgoingSms
from messaging.carriers.sandbox.adapter import Adapter as Sandbox


class Keyless(Sandbox):
    """The sandbox as most carriers are: it has to be asked what it has."""

    key = "keyless"
    label = "Keyless"
    takes_idempotency_key = False

    def headers(self, sms: OutgoingSms) -> dict[str, str]:  # noqa: ARG002 - the interface
        return {}

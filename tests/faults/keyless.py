"""A carrier without idempotency keys."""

from messaging.carriers import OutgoingSms
from messaging.carriers.sandbox.adapter import Adapter as Sandbox


class Keyless(Sandbox):
    """The sandbox, but like most carriers: workers have to look up what it received."""

    key = "keyless"
    label = "Keyless"
    takes_idempotency_key = False

    def headers(self, sms: OutgoingSms) -> dict[str, str]:  # noqa: ARG002 - the interface
        return {}

"""A minimal carrier over plain HTTP: what the engine costs, without any SDK."""

import os
import uuid

from messaging.carriers import Accepted, Carrier, OutgoingSms
from messaging.carriers.session import BoundedSession


class Plain(Carrier):
    key = "plain"
    label = "Plain HTTP"
    takes_idempotency_key = True

    def __init__(self) -> None:
        self.session = BoundedSession(use_proxy=False)
        self.url = os.environ["PLAIN_URL"]

    def send(self, sms: OutgoingSms) -> Accepted:
        data = {"To": sms.to, "From": sms.sender, "Body": sms.text, "Key": str(sms.key)}
        answer = self.session.request(
            "POST",
            self.url,
            fields=data,
            encode_multipart=False,
            timeout=15,
            begin_by=sms.begin_by,
        )
        content = answer.json()
        return Accepted(content["sid"], content)


class Other(Plain):
    """The same, as another carrier."""

    key = "other"
    label = "Other"


def a_text(number: int, hangs: bool = False) -> OutgoingSms:
    to = f"+1415{number % 100_000:05}{'99' if hangs else '00'}"
    return OutgoingSms(uuid.uuid4(), "+12125550100", to, "Hello, this is a text of some length.")

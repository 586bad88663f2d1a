"""A carrier that shares nothing with Twilio's protocol, to keep the contract from doing so.

Its API takes JSON and a bearer token. Its webhooks are JSON with several events each, signed with
HMAC-SHA256 over a time and the body, and carry the attempt's key in the body.
"""

import hmac
import json
import time
import uuid
from datetime import datetime, timedelta
from typing import IO, Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from urllib3 import make_headers

from messaging.carriers import (
    Accepted,
    Callback,
    Carrier,
    CarrierError,
    IncomingSms,
    OutgoingSms,
    Payload,
    PictureRules,
    StatusReport,
    media,
)
from messaging.carriers.media import MediaError, Problem
from messaging.carriers.responses import (
    accepted,
    is_success,
    json_object,
    refusal,
    unreadable,
)
from messaging.carriers.session import BoundedSession
from messaging.models import CarrierEvent, SmsMessage

Receipt = SmsMessage.Receipt
STATES = {"flying": Receipt.ACCEPTED, "landed": Receipt.DELIVERED, "lost": Receipt.FAILED}
OLDEST_SIGNATURE = 300
CLOCK_SKEW = timedelta(minutes=1)


class Adapter(Carrier):
    key = "pigeon"
    label = "Pigeon Post"
    picture_rules: ClassVar[PictureRules | None] = PictureRules(
        largest=200_000, regions=frozenset({"GB"}), places="the UK", longest_text=500
    )

    def __init__(self) -> None:
        self.session = BoundedSession()

    def send(self, sms: OutgoingSms) -> Accepted:
        text = {"originator": sms.sender, "recipient": sms.to, "message": sms.text}
        text |= {"picture": sms.picture_url} if sms.picture_url else {}
        content = self.request("POST", "/v2/texts", sms, json=text | {"reference": str(sms.key)})
        return accepted(content.response, content.get("text", "id"), content.values)

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:
        path = f"/v2/texts?originator={sms.sender[1:]}&recipient={sms.to[1:]}"
        content = self.request("GET", path, sms)
        texts = content.values.get("texts")
        if not isinstance(texts, list):
            raise unreadable(content.response, "A list without texts")
        try:
            recent = [
                text
                for text in texts
                if datetime.fromisoformat(text["created"]) >= since - CLOCK_SKEW
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(content.response, "A text without a date") from error
        return [accepted(content.response, text.get("id"), text) for text in recent]

    def request(self, method: str, path: str, sms: OutgoingSms, **options: Any) -> "Content":
        response = self.session.request(
            method,
            setting("URL") + path,
            headers={"Authorization": f"Bearer {setting('TOKEN')}"},
            timeout=settings.CARRIER_TIMEOUT_SECONDS,
            begin_by=sms.begin_by,
            **options,
        )
        content = Content(response)
        if not is_success(response):
            raise self.refused(content)
        return content

    def download(self, url: str, file: IO[bytes]) -> None:
        _, path, number = url.partition("/v2/files/")
        if not path or not number.isdecimal():
            raise MediaError(Problem.FOREIGN)
        address = f"{setting('URL')}{path}{number}"
        headers = {"Authorization": f"Bearer {setting('TOKEN')}"}
        media.download(self.session, address, file, headers=headers, may_lead_to=[])

    def refused(self, content: "Content") -> CarrierError:
        code, words = content.get("error", "reason"), content.get("error", "detail")
        return refusal(content.response, code=str(code or ""), words=str(words or ""))

    def is_genuine(self, request: HttpRequest) -> bool:
        moment, _, signature = request.headers.get("X-Pigeon-Signature", "").partition(",")
        if not setting("SECRET") or not moment.isdecimal() or not signature.isascii():
            return False
        right = sign(setting("SECRET"), moment, request.body)
        is_recent = abs(time.time() - int(moment)) < OLDEST_SIGNATURE
        return is_recent and hmac.compare_digest(right, signature)

    def callbacks(self, request: HttpRequest, _: CarrierEvent.Kind) -> list[Callback]:
        try:
            return [callback(event) for event in json.loads(request.body)["events"]]
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError("The callback isn't a list of events.") from error

    def read_status(self, payload: Payload) -> StatusReport:
        values = {pair[0]: pair[1] for pair in payload}
        state = values.get("state", "")
        receipt = STATES.get(state, Receipt.NONE)
        code = values.get("error", "") if receipt == Receipt.FAILED else ""
        return StatusReport(receipt, code, state=state, known=state in STATES)

    def read_incoming(self, payload: Payload) -> IncomingSms:
        values = {pair[0]: pair[1] for pair in payload}
        return IncomingSms(
            values["id"],
            values.get("originator", ""),
            values.get("recipient", ""),
            values.get("message", ""),
        )


def setting(name: str) -> str:
    value: str = getattr(settings, f"PIGEON_{name}")
    return value


class WithoutLookups(Adapter):
    """The same carrier with two of the habits that some have.

    It can't be asked which texts it has, and its webhooks come with HTTP Basic authentication.
    """

    key = "stork"
    label = "Stork Express"
    picture_rules = None

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:  # noqa: ARG002
        raise CarrierError("", permanent=True, ambiguous=True)

    def is_genuine(self, request: HttpRequest) -> bool:
        given = request.headers.get("Authorization", "").encode()
        right = make_headers(basic_auth=f"us:{setting('SECRET')}")["authorization"].encode()
        return bool(setting("SECRET")) and hmac.compare_digest(given, right)


class Content:
    """A response and the JSON object in it."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.values = json_object(response)

    def get(self, name: str, part: str) -> Any:
        inner = self.values.get(name)
        return inner.get(part) if isinstance(inner, dict) else None


def callback(event: dict[str, Any]) -> Callback:
    text = event["text"]
    if not text["id"]:
        raise ValueError("The event is about no text.")
    reference = text.get("reference") or ""
    return Callback(
        event_id=event["id"],
        carrier_id=text["id"],
        payload=[(name, str(value)) for name, value in text.items()],
        attempt_key=uuid.UUID(reference) if reference else None,
    )


def sign(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()

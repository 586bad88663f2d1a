import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_django import Settings
from urllib3 import make_headers

from messaging.carriers import OutgoingSms
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from tests.messaging.carriers.contract.small_server import ApiRequest, Reply, http
from tests.messaging.carriers.contract.wire import SECRET, ListedText, SentText, Webhook, Wire
from tests.messaging.carriers.pigeon.adapter import setting, sign

Receipt = SmsMessage.Receipt


class PigeonWire(Wire):
    adapter = "tests.messaging.carriers.pigeon.adapter.Adapter"
    key = "pigeon"
    words = {
        Receipt.ACCEPTED: ["flying"],
        Receipt.DELIVERED: ["landed"],
        Receipt.FAILED: ["lost"],
    }
    codes = {Reason.SPAM: "HAWK", Reason.OPTED_OUT: "SHUT"}
    signs_time = True

    def configure(self, settings: Settings, url: str, secret: str = SECRET) -> None:
        settings.PIGEON_URL, settings.PIGEON_TOKEN, settings.PIGEON_SECRET = url, "t0ken", secret

    def read(self, request: ApiRequest) -> SentText:
        text = json.loads(request.body)
        return SentText(text["originator"], text["recipient"], text["message"])

    def picture_url(self, request: ApiRequest) -> str:
        return str(json.loads(request.body).get("picture", ""))

    def is_authorized(self, request: ApiRequest) -> bool:
        return request.headers["authorization"] == f"Bearer {setting('TOKEN')}"

    def carries_key(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        return bool(json.loads(request.body)["reference"] == str(sms.key))

    def is_lookup(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        numbers = {"originator": sms.sender[1:], "recipient": sms.to[1:]}
        return request.method == "GET" and request.query == numbers

    def taken(self, carrier_id: Any) -> Reply:
        return http(202, json.dumps({"text": {"id": carrier_id}}).encode())

    def refused(self, status: int, code: str, words: str, **headers: str) -> Reply:
        content = {"error": {"reason": code, "detail": words}}
        return http(status, json.dumps(content).encode(), **headers)

    def listed(self, texts: Sequence[ListedText]) -> Reply:
        rows = [
            {"id": text.carrier_id, "created": text.created.isoformat(), "message": text.text}
            for text in texts
        ]
        return http(200, json.dumps({"texts": rows}).encode())

    def file_path(self) -> str:
        return "/v2/files/7"

    def status(
        self,
        carrier_id: str,
        word: str,
        *,
        code: str = "",
        key: uuid.UUID | None = None,
        secret: str = SECRET,
        age: float = 0,
    ) -> Webhook:
        text = {"id": carrier_id, "state": word, "reference": str(key or "")}
        text |= {"error": code} if code else {}
        return self.webhook("status", text, secret, age)

    def incoming(self, carrier_id: str, sms: SentText) -> Webhook:
        text = {
            "id": carrier_id,
            "originator": sms.sender,
            "recipient": sms.to,
            "message": sms.text,
        }
        return self.webhook("inbound", text, SECRET)

    def webhook(self, kind: str, text: dict[str, str], secret: str, age: float = 0) -> Webhook:
        event = {"id": uuid.uuid5(uuid.NAMESPACE_OID, repr(text)).hex, "text": text}
        body = json.dumps({"events": [event]}).encode()
        moment = str(int(time.time() - age))
        headers = {"X-Pigeon-Signature": f"{moment},{sign(secret, moment, body)}"}
        return Webhook(f"/webhooks/{self.key}/{kind}/", body, "application/json", headers)


class StorkWire(PigeonWire):
    adapter = "tests.messaging.carriers.pigeon.adapter.WithoutLookups"
    key = "stork"
    can_find = signs_body = signs_time = False

    def webhook(self, kind: str, text: dict[str, str], secret: str, age: float = 0) -> Webhook:
        webhook = super().webhook(kind, text, secret, age)
        login = make_headers(basic_auth=f"us:{secret}")["authorization"]
        return replace(webhook, headers={"Authorization": login})

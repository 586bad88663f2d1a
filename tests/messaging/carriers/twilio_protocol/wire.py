import json
import uuid
from base64 import b64encode
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from messaging.carriers import OutgoingSms
from messaging.carriers.twilio_protocol import signatures
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from tests.messaging.carriers.contract.small_server import ApiRequest, Reply, http
from tests.messaging.carriers.contract.wire import (
    PUBLIC_URL,
    SECRET,
    ListedText,
    SentText,
    Webhook,
    Wire,
)

Receipt = SmsMessage.Receipt
FORM = "application/x-www-form-urlencoded"
SID = "AC" + "5a" * 16


def read_form(request: ApiRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


class TwilioWire(Wire):
    """Twilio's Messages API (2010-04-01). A carrier adds its `adapter`, `key`, and `configure`."""

    words = {
        Receipt.NONE: ["queued", "accepted", "scheduled", "sending"],
        Receipt.ACCEPTED: ["sent"],
        Receipt.DELIVERED: ["delivered", "read"],
        Receipt.FAILED: ["undelivered", "failed", "canceled"],
    }
    codes = {Reason.SPAM: "30007", Reason.OPTED_OUT: "21610"}

    def read(self, request: ApiRequest) -> SentText:
        form = read_form(request)
        return SentText(form["From"], form["To"], form["Body"])

    def picture_url(self, request: ApiRequest) -> str:
        return read_form(request).get("MediaUrl", "")

    def is_authorized(self, request: ApiRequest) -> bool:
        login = b64encode(f"{SID}:{SECRET}".encode()).decode()
        return request.headers["authorization"] == f"Basic {login}"

    def carries_key(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        url = dict(parse_qsl(request.body.decode()))["StatusCallback"]
        return url == f"{PUBLIC_URL}/webhooks/{self.key}/status/?attempt={sms.key}"

    def is_lookup(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        numbers = {"From": sms.sender, "To": sms.to}
        is_list = request.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
        return request.method == "GET" and is_list and numbers.items() <= request.query.items()

    def taken(self, carrier_id: Any) -> Reply:
        return http(201, json.dumps({"sid": carrier_id, "status": "queued"}).encode())

    def refused(self, status: int, code: str, words: str, **headers: str) -> Reply:
        content = {"code": int(code), "message": words, "status": status}
        return http(status, json.dumps(content).encode(), **headers)

    def listed(self, texts: Sequence[ListedText]) -> Reply:
        rows = [
            {
                "sid": text.carrier_id,
                "body": text.text,
                "date_created": format_datetime(text.created),
                "date_sent": None,
            }
            for text in texts
        ]
        return http(200, json.dumps({"messages": rows, "next_page_uri": None}).encode())

    def file_path(self) -> str:
        return f"/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1"

    def status(
        self,
        carrier_id: str,
        word: str,
        *,
        code: str = "",
        key: uuid.UUID | None = None,
        secret: str = SECRET,
        age: float = 0,  # noqa: ARG002 - Twilio's signatures have no time
    ) -> Webhook:
        form = {"AccountSid": SID, "MessageSid": carrier_id, "MessageStatus": word}
        form |= {"ErrorCode": code} if code else {}
        query = f"?attempt={key}" if key else ""
        return self.webhook(f"/webhooks/{self.key}/status/{query}", form, secret)

    def incoming(self, carrier_id: str, sms: SentText) -> Webhook:
        form = {
            "AccountSid": SID,
            "MessageSid": carrier_id,
            "From": sms.sender,
            "To": sms.to,
            "Body": sms.text,
        }
        return self.webhook(f"/webhooks/{self.key}/inbound/", form, SECRET)

    def webhook(self, path: str, form: dict[str, str], secret: str) -> Webhook:
        params = {name: [value] for name, value in form.items()}
        signature = signatures.sign(secret, PUBLIC_URL + path, params)
        headers = {signatures.HEADER: signature}
        return Webhook(path, urlencode(form).encode(), FORM, headers)

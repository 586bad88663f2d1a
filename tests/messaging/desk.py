"""A fake carrier whose responses tests set in advance. Everything around it is real."""

import itertools
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from messaging.carriers import (
    Accepted,
    Callback,
    Carrier,
    CarrierError,
    IncomingSms,
    OutgoingSms,
    Payload,
    StatusReport,
)
from messaging.models import CarrierEvent, SmsMessage

Response = CarrierError | Exception | Callable[[OutgoingSms], Any] | None


class Desk(Carrier):
    """Accept every text, except to numbers that have a response."""

    key = "desk"
    label = "Desk"

    def __init__(self) -> None:
        self.sent: list[OutgoingSms] = []
        self.lookups: list[datetime] = []
        self.responses: dict[str, Response] = {}
        self.found: list[Accepted] | CarrierError = []
        self.ids = itertools.count(1)
        self.lock = threading.Lock()

    @property
    def code_map(self) -> str:
        return "twilio"

    def send(self, sms: OutgoingSms) -> Accepted:
        with self.lock:
            self.sent.append(sms)
            number = next(self.ids)
        response = self.responses.get(sms.to)
        if isinstance(response, Exception):
            raise response
        if response is not None:
            response(sms)
        return Accepted(f"D{number}", {"status": "queued"})

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:  # noqa: ARG002
        self.lookups.append(since)
        if isinstance(self.found, CarrierError):
            raise self.found
        return self.found

    def is_genuine(self, request: HttpRequest) -> bool:
        return request.headers.get("X-Desk") == "genuine"

    def callbacks(self, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
        values = request.POST.dict()
        payload = [(name, str(value)) for name, value in values.items()]
        return [Callback(f"{kind}{sorted(payload)}"[:64], str(values["id"]), payload)]

    def read_status(self, payload: Payload) -> StatusReport:
        values = {name: value for name, value in payload}  # noqa: C416 - pairs may be lists
        receipt = SmsMessage.Receipt(values["receipt"])
        return StatusReport(receipt, values.get("code", ""), state=values["receipt"])

    def read_incoming(self, payload: Payload) -> IncomingSms:
        values = {name: value for name, value in payload}  # noqa: C416 - pairs may be lists
        return IncomingSms(values["id"], values["from"], values["to"], values["text"])

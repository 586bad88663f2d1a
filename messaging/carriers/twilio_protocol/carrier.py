"""The base class of carriers that speak this protocol: requests and webhooks, by Twilio's SDK."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

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
from messaging.carriers.twilio_protocol.http import PooledHttpClient, pooled_session
from messaging.models import CarrierEvent, SmsMessage

Receipt = SmsMessage.Receipt

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATES = {
    "accepted": Receipt.NONE,
    "scheduled": Receipt.NONE,
    "queued": Receipt.NONE,
    "sending": Receipt.NONE,
    "sent": Receipt.ACCEPTED,
    "delivered": Receipt.DELIVERED,
    "read": Receipt.DELIVERED,
    "undelivered": Receipt.FAILED,
    "failed": Receipt.FAILED,
    "canceled": Receipt.FAILED,
}
# In other states, a callback can include the code of an earlier attempt.
STATES_WITH_CODE = {"undelivered", "failed"}

# How many of the newest texts between two numbers `find` looks through.
SEARCHED = 200
# Twilio's times are whole seconds by its clock, and `since` is by ours. A wide margin is safe,
# because texts of other attempts are recognized and skipped.
CLOCK_SKEW = timedelta(minutes=1)

# The SDK sends all requests to this address.
TWILIO_URL = "https://api.twilio.com"

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Credentials(NamedTuple):
    account_sid: str
    # Also signs webhooks. If it's empty, no webhook is genuine.
    auth_token: str


class TwilioProtocol(Carrier):
    """Share the protocol: a carrier adds `key`, `label`, and `credentials`, or overrides more."""

    code_map = "twilio"
    credential_codes = frozenset({"20003"})

    def __init__(self) -> None:
        self.session = pooled_session()

    def credentials(self) -> Credentials:
        raise NotImplementedError

    def signing_tokens(self) -> list[str]:
        """Return the tokens that callbacks may be signed with. Two are valid during a rotation."""
        return [self.credentials().auth_token]

    def base_url(self) -> str:
        """Return the address of the carrier's API."""
        return TWILIO_URL

    def headers(self, sms: OutgoingSms) -> dict[str, str]:  # noqa: ARG002 - for carriers to override
        """Return what to send besides the SDK's headers."""
        return {}

    def send(self, sms: OutgoingSms) -> Accepted:
        with carrier_errors():
            sent = self.client(sms).messages.create(
                to=sms.to, from_=sms.sender, body=sms.text, status_callback=self.status_url(sms)
            )
        return accepted(sent)

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:
        """Return the carrier's texts between the two numbers since then.

        Not by the date of sending, which a text that still waits in the queue doesn't have.
        """
        with carrier_errors():
            newest = self.client(sms).messages.list(
                to=sms.to, from_=sms.sender, limit=SEARCHED, page_size=SEARCHED
            )
        since -= CLOCK_SKEW
        if len(newest) == SEARCHED and all(text.date_created >= since for text in newest):
            # The number never decreases, so looking again won't help.
            fault = f"More than {SEARCHED} texts since then"
            raise CarrierError("", permanent=True, ambiguous=True, raw={"fault": fault})
        return [accepted(text) for text in newest if text.date_created >= since]

    def is_genuine(self, request: HttpRequest) -> bool:
        """Check the signature, which covers the URL that we gave, even if a proxy changed it."""
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not signature:
            return False
        algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER))
        url = settings.PUBLIC_URL + request.get_full_path()
        return any(
            RequestValidator(token).validate(url, request.POST, signature, algorithm)
            for token in filter(None, self.signing_tokens())
        )

    def callbacks(self, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
        payload = [(name, value) for name, values in request.POST.lists() for value in values]
        values = dict(payload)
        carrier_id = values.get("MessageSid") or values.get("SmsSid")
        if not carrier_id:
            raise ValueError("The callback names no message.")
        return [
            Callback(
                event_id=digest(kind, payload),
                carrier_id=carrier_id,
                payload=payload,
                attempt_key=attempt_key(request.GET.get("attempt", "")),
            )
        ]

    def read_status(self, payload: Payload) -> StatusReport:
        values = as_dict(payload)
        state = values.get("MessageStatus") or values.get("SmsStatus", "")
        has_code = state in STATES_WITH_CODE
        return StatusReport(
            receipt=STATES.get(state, Receipt.NONE),
            code=values.get("ErrorCode", "") if has_code else "",
            words=values.get("ErrorMessage", "") if has_code else "",
            state=state,
            known=state in STATES,
        )

    def read_incoming(self, payload: Payload) -> IncomingSms:
        values = as_dict(payload)
        return IncomingSms(
            carrier_id=values.get("MessageSid") or values["SmsSid"],
            sender=values.get("From", ""),
            to=values.get("To", ""),
            text=values.get("Body", "").replace("\r\n", "\n").replace("\r", "\n"),
        )

    def answer(self) -> HttpResponse:
        return HttpResponse(EMPTY_TWIML, content_type="text/xml")

    def client(self, sms: OutgoingSms) -> Client:
        http_client = PooledHttpClient(
            self.session,
            timeout=settings.CARRIER_TIMEOUT_SECONDS,
            begin_by=sms.begin_by,
            headers=self.headers(sms),
            base=(TWILIO_URL, self.base_url()),
        )
        return Client(*self.credentials(), http_client=http_client)

    def status_url(self, sms: OutgoingSms) -> str:
        path = reverse("webhook_status", args=[self.key])
        return f"{settings.PUBLIC_URL}{path}?{urlencode({'attempt': sms.key})}"


@contextmanager
def carrier_errors() -> Iterator[None]:
    """Raise CarrierError for everything that the SDK raises."""
    try:
        yield
    except TwilioRestException as error:
        raise refused(error) from error
    except (TwilioException, ValueError) as error:
        # There was a response, but it can't be read.
        raise CarrierError("", ambiguous=True, raw={"fault": repr(error)}) from error


def refused(error: TwilioRestException) -> CarrierError:
    """Return the carrier's refusal.

    The SDK puts its own words before the carrier's message, and uses the HTTP status if there's
    no code.
    """
    _, _, words = error.msg.partition(": ")
    return CarrierError(
        words,
        code="" if error.code in {None, error.status} else str(error.code),
        permanent=400 <= error.status < 500 and error.status != 429,
        ambiguous=error.status >= 500,
        status=error.status,
        raw={"status": error.status, "code": error.code, "message": words},
    )


def accepted(text: MessageInstance) -> Accepted:
    raw: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(text).items()
        if not name.startswith("_") and value is not None
    }
    return Accepted(carrier_id=text.sid, raw=raw)


def as_dict(payload: Payload) -> dict[str, str]:
    return {pair[0]: pair[1] for pair in payload}


def attempt_key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def digest(kind: CarrierEvent.Kind, payload: Payload) -> str:
    """Return an ID for a callback, which has none: callbacks with the same content get the same."""
    content = json.dumps([kind.value, *sorted([*pair] for pair in payload)])
    return hashlib.sha256(content.encode()).hexdigest()

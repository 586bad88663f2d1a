"""The base class of carriers that speak this protocol: requests and webhooks."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, Any, ClassVar
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from urllib3 import BaseHTTPResponse, make_headers

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
from messaging.carriers.twilio_protocol import signatures
from messaging.carriers.twilio_protocol.accounts import Account
from messaging.models import CarrierEvent, SmsMessage
from messaging.models.media import Media

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

# Files of one MMS.
MOST_MEDIA = 10
# https://www.twilio.com/docs/messaging/api/media-resource
MEDIA_URL = re.compile(
    r"https?://[^/]+(?P<path>/2010-04-01/Accounts/(?P<sid>\w+)/Messages/\w+/Media/\w+)", re.ASCII
)
# Where it redirects to: the second and third without “Enforce HTTP Auth on Media URLs”.
MEDIA_ADDRESSES = (
    "https://mms.twiliocdn.com/",
    "https://media.twiliocdn.com/",
    "https://s3-external-1.amazonaws.com/media.twiliocdn.com/",
)

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioProtocol(Carrier):
    """Share the protocol: a carrier adds `key`, `label`, and `accounts`, or overrides more."""

    code_map = "twilio"
    takes_names = True
    # https://help.twilio.com/articles/223134027
    confirmed_opt_outs = frozenset(
        ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
    )
    credential_codes = frozenset({"20003"})
    # https://www.twilio.com/docs/messaging/guides/accepted-mime-types
    picture_rules = PictureRules(
        largest=5 * 1024 * 1024,
        regions=frozenset({"US", "CA"}),
        places="the US and Canada",
        longest_text=1_600,
    )
    # How addresses begin that the API may send us to for a file.
    media_addresses: ClassVar[Sequence[str]] = MEDIA_ADDRESSES

    def __init__(self) -> None:
        self.session = BoundedSession()

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Return the accounts by name. The default one's name is empty."""
        raise NotImplementedError

    def account_names(self) -> list[str]:
        return [name for name in self.accounts if name]

    def headers(self, sms: OutgoingSms) -> dict[str, str]:  # noqa: ARG002 - for carriers to override
        """Return what to send besides our credentials."""
        return {}

    def send(self, sms: OutgoingSms) -> Accepted:
        form = {
            "To": sms.to,
            "From": sms.sender,
            "Body": sms.text,
            "StatusCallback": self.status_url(sms),
        }
        if sms.picture_url:
            form["MediaUrl"] = sms.picture_url
        if sms.service:
            form["MessagingServiceSid"] = sms.service
        response = self.request("POST", sms, body=urlencode(form))
        return read_text(response, json_object(response))

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:
        """Return the carrier's texts between the two numbers since then.

        Not by the date of sending, which a text that still waits in the queue doesn't have.
        """
        query = {"To": sms.to, "From": sms.sender, "PageSize": SEARCHED}
        response = self.request("GET", sms, query)
        texts = json_object(response).get("messages")
        if not isinstance(texts, list):
            raise unreadable(response, "A list without texts")
        since -= CLOCK_SKEW
        recent = [text for text in texts if created(response, text) >= since]
        if len(recent) >= SEARCHED:
            # The number never decreases, so looking again won't help.
            fault = f"More than {SEARCHED} texts since then"
            raise CarrierError("", permanent=True, ambiguous=True, raw={"fault": fault})
        return [read_text(response, text) for text in recent]

    def request(
        self, method: str, sms: OutgoingSms, query: dict[str, Any] | None = None, body: str = ""
    ) -> BaseHTTPResponse:
        """Request the list of texts, to add one or to look through it. Return a success.

        Raises CarrierError and TooLateError.
        """
        account = self.account(sms)
        path = f"/2010-04-01/Accounts/{quote(account.sid, safe='')}/Messages.json"
        response = self.session.request(
            method,
            account.url + path + (f"?{urlencode(query)}" if query else ""),
            body=body or None,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
                **make_headers(basic_auth=account.login),
                **self.headers(sms),
            },
            timeout=settings.CARRIER_TIMEOUT_SECONDS,
            begin_by=sms.begin_by,
        )
        if not is_success(response):
            raise refused(response)
        return response

    def account(self, sms: OutgoingSms) -> Account:
        """Return the account to send from. Raises CarrierError for one that isn't set up."""
        try:
            return self.accounts[sms.account]
        except KeyError as error:
            words = f"The {self.label} account {sms.account} isn't set up."
            raise CarrierError(words, permanent=True) from error

    def is_genuine(self, request: HttpRequest) -> bool:
        """Check the signature, which covers the URL that we gave, even if a proxy changed it."""
        settings_header = request.headers.get(signatures.SETTINGS_HEADER, "")
        algorithm = signatures.algorithm_of(settings_header)
        if not algorithm:
            return False
        signature = request.headers.get(signatures.HEADER, "")
        params = dict(request.POST.lists())
        return any(
            signatures.equal(signature, signatures.sign(secret, url, params, algorithm))
            for secret in self.signing_secrets(request, shared=bool(settings_header))
            for url in signatures.spellings(settings.PUBLIC_URL + request.get_full_path())
        )

    def signing_secrets(self, request: HttpRequest, *, shared: bool) -> list[str]:
        """Return the secrets of the account that a webhook says it's about, or the default one's.

        Each account, also a subaccount, signs its own. Several names can stand for one account.
        """
        accounts = self.accounts_with(request.POST.get("AccountSid", "")).values()
        return [secret for account in accounts for secret in account.signing_secrets(shared=shared)]

    def accounts_with(self, sid: str) -> dict[str, Account]:
        """Return the accounts with this SID by name, or the default one's without a SID."""
        sid = sid or self.accounts[""].sid
        return {name: account for name, account in self.accounts.items() if account.sid == sid}

    def is_of_account(self, payload: Payload, account: str) -> bool:
        return account in self.accounts_with(as_dict(payload).get("AccountSid", ""))

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
            opt_out_type=values.get("OptOutType", "").lower(),
            service=values.get("MessagingServiceSid", ""),
            media=media_of(values),
        )

    def download(self, url: str, file: IO[bytes]) -> None:
        """Request the file from its account's own API, whatever the host in the URL."""
        found = MEDIA_URL.fullmatch(url)
        sid = found["sid"] if found else ""
        account = next((each for each in self.accounts.values() if each.sid == sid), None)
        if not found or account is None:
            raise MediaError(Problem.FOREIGN)
        media.download(
            self.session,
            account.url + found["path"],
            file,
            headers=make_headers(basic_auth=account.login),
            may_lead_to=self.media_addresses,
        )

    def answer(self) -> HttpResponse:
        return HttpResponse(EMPTY_TWIML, content_type="text/xml")

    def status_url(self, sms: OutgoingSms) -> str:
        path = reverse("webhook_status", args=[self.key])
        return f"{settings.PUBLIC_URL}{path}?{urlencode({'attempt': sms.key})}"


def refused(response: BaseHTTPResponse) -> CarrierError:
    """Return the carrier's refusal. Some have the HTTP status as their code, which says nothing."""
    content = json_object(response)
    code = content.get("code")
    is_code = isinstance(code, int | str) and code != response.status
    words = content.get("message")
    return refusal(
        response,
        code=str(code) if is_code else "",
        words=words if isinstance(words, str) else "",
    )


def read_text(response: BaseHTTPResponse, text: dict[str, Any]) -> Accepted:
    raw = {name: value for name, value in text.items() if value is not None}
    return accepted(response, raw.get("sid"), raw)


def created(response: BaseHTTPResponse, text: dict[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(text["date_created"])
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(response, "A text without a date") from error


def media_of(values: Mapping[str, str]) -> list[Media]:
    """Return the files of an MMS. Twilio doesn't say how large they are.

    https://www.twilio.com/docs/messaging/guides/webhook-request#media-related-parameters
    """
    urls = [(n, values[f"MediaUrl{n}"]) for n in range(MOST_MEDIA) if f"MediaUrl{n}" in values]
    types = [values.get(f"MediaContentType{n}", "") for n, _ in urls]
    return [
        Media(url=url, content_type=content_type, size=None)
        for (_, url), content_type in zip(urls, types, strict=True)
    ]


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

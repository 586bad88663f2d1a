"""How a carrier looks on the wire: what the tests of the contract need to know of each."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from messaging.carriers import OutgoingSms
from messaging.models import SmsMessage
from messaging.models.reason import Reason
from tests.messaging.carriers.contract.small_server import ApiRequest, Reply

PUBLIC_URL = "https://sms.example.com"
SECRET = "what signs webhooks"

Receipt = SmsMessage.Receipt


class SentText(NamedTuple):
    """What a request asks the carrier to send."""

    sender: str
    to: str
    text: str


class ListedText(NamedTuple):
    """A text in the carrier's list."""

    carrier_id: str
    created: datetime
    text: str = "Hello"


@dataclass(frozen=True)
class Webhook:
    """A callback, ready to be sent or tampered with."""

    path: str
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)

    def replacing(self, old: str, new: str) -> "Webhook":
        """Return it with another body, and what was signed before."""
        body = self.body.replace(old.encode(), new.encode())
        assert body != self.body
        return replace(self, body=body)

    def with_key(self, key: uuid.UUID) -> "Webhook":
        """Return it with an attempt's key added to its address."""
        return replace(self, path=f"{self.path.partition('?')[0]}?attempt={key}")

    @property
    def request(self) -> HttpRequest:
        return RequestFactory().post(
            self.path, self.body, content_type=self.content_type, headers=self.headers
        )

    def post(self) -> Any:
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        return client.post(
            self.path, self.body, content_type=self.content_type, headers=self.headers
        )


class Wire(ABC):
    """One carrier's formats. Bodies of texts and webhooks are as its documentation has them."""

    # The dotted path of its adapter, and its key.
    adapter: str
    key: str
    # The carrier's word for each receipt, and a code for some reasons.
    words: Mapping[Receipt, Sequence[str]]
    codes: Mapping[Reason, str]
    # Whether a callback carries the key of its attempt.
    has_attempt_key = True
    # Whether the carrier can be asked for the texts between two numbers.
    can_find = True
    # Whether a signature covers the body. HTTP Basic authentication doesn't.
    signs_body = True
    # Whether a signature is refused after some minutes. The carrier then signs late ones again.
    signs_time = False

    @abstractmethod
    def configure(self, settings: Settings, url: str, secret: str = SECRET) -> None:
        """Set up the carrier with its API at `url`, and the secret that signs webhooks."""

    # --- Its API ----------------------------------------------------------------------------------

    @abstractmethod
    def read(self, request: ApiRequest) -> SentText:
        """Read a request to send a text."""

    @abstractmethod
    def is_authorized(self, request: ApiRequest) -> bool:
        """Return whether the request has our credentials."""

    @abstractmethod
    def carries_key(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        """Return whether callbacks about this text will carry its key."""

    @abstractmethod
    def is_lookup(self, request: ApiRequest, sms: OutgoingSms) -> bool:
        """Return whether the request asks for all texts between the two numbers."""

    @abstractmethod
    def taken(self, carrier_id: Any) -> Reply:
        """Return the response to a text that was accepted. The ID can be any JSON."""

    @abstractmethod
    def refused(self, status: int, code: str, words: str, **headers: str) -> Reply:
        """Return the response to a text that was refused."""

    @abstractmethod
    def listed(self, texts: Sequence[ListedText]) -> Reply:
        """Return the response to a lookup."""

    def picture_url(self, _request: ApiRequest) -> str:
        """Return where a request says that the text's picture is. Empty without a picture."""
        return ""

    def file_path(self) -> str:
        """Return where the API has a file that came with a text, for `CarrierFiles`."""
        raise NotImplementedError

    # --- Its webhooks -----------------------------------------------------------------------------

    @abstractmethod
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
        """Return a signed status callback. `age` is how many seconds ago it was signed."""

    @abstractmethod
    def incoming(self, carrier_id: str, sms: SentText) -> Webhook:
        """Return a signed callback about a text from a person."""

"""The contract of a carrier, and the registry of those that ship.

A carrier is one package beneath this one, and could be deleted: how it sends, how its callbacks are
verified and read, and its tests. Its codes are rows of `messaging.CarrierCode`.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from messaging.carriers.deadlines import Deadline
from messaging.models import CarrierEvent, SmsMessage

# key: (label for people, dotted path of the class), loaded on first use.
REGISTRY = {
    "sandbox": ("Sandbox", "messaging.carriers.sandbox.Sandbox"),
    "twilio": ("Twilio", "messaging.carriers.twilio.Twilio"),
}

# Names and values in the order in which they came; a name may come twice.
Payload = Sequence[Sequence[str]]


@dataclass(frozen=True)
class OutgoingSms:
    """A text as a carrier gets it. Numbers are in E.164; `key` is the attempt's, ours.

    After `begin_by` another worker may have taken over, so no request about it may begin.
    """

    key: uuid.UUID
    sender: str
    to: str
    text: str
    begin_by: Deadline | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Accepted:
    """The carrier has it under this id. Nothing is known yet of the recipient."""

    carrier_id: str
    raw: dict[str, Any] = field(default_factory=dict)


class CarrierError(Exception):
    """The one exception that `send` and `find` raise, but for TooLateError.

    `code` and `words` are the carrier's, word for word, and empty where it said nothing.
    `permanent` says that the same text must not be sent again by itself; where `code` is one that
    the code map knows, the map decides. `ambiguous` says that the carrier may have accepted it all
    the same: it never answered, or with a fault of its own. `status` is the HTTP status of its
    answer, 0 if there was none that can be read.
    """

    def __init__(  # noqa: PLR0913 - what is known of an error, by name
        self,
        words: str,
        *,
        code: str = "",
        permanent: bool = False,
        ambiguous: bool = False,
        status: int = 0,
        raw: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.status = status
        self.raw = raw or {}


# What `CarrierEvent` stores.
LONGEST_ID = 64


@dataclass(frozen=True)
class Callback:
    """One thing that a carrier reports, before it is understood.

    Raises ValueError for an id that no carrier gives. What a database can't store is left out of
    the payload.
    """

    event_id: str
    carrier_id: str
    payload: Payload
    attempt_key: uuid.UUID | None = None

    def __post_init__(self) -> None:
        for given in (self.event_id, self.carrier_id):
            if len(given) > LONGEST_ID or storable(given) != given:
                raise ValueError("The callback has an id that can't be one.")
        payload = [tuple(storable(part) for part in pair) for pair in self.payload]
        object.__setattr__(self, "payload", payload)


def storable(text: str) -> str:
    """Return the text without NUL and lone surrogates, which PostgreSQL takes nowhere."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


@dataclass(frozen=True)
class StatusReport:
    """What a status callback claims. `receipt` is empty for states that change nothing for us."""

    receipt: SmsMessage.Receipt
    code: str = ""
    words: str = ""
    # The carrier's own word for the state, and whether this carrier documents it.
    state: str = ""
    known: bool = True


@dataclass(frozen=True)
class IncomingSms:
    """A text that somebody sent to one of our numbers. Numbers as the carrier wrote them."""

    carrier_id: str
    sender: str
    to: str
    text: str


class Carrier:
    """What every carrier can do."""

    key: ClassVar[str]
    # Whether the same `OutgoingSms.key` sent twice is one text. Otherwise `find` is asked first.
    takes_idempotency_key: ClassVar[bool] = False

    @property
    def code_map(self) -> str:
        """Whose codes it uses, as `messaging.CarrierCode.carrier`."""
        return self.key

    def send(self, sms: OutgoingSms) -> Accepted:
        """Hand a text over. Raises CarrierError, and TooLateError after `sms.begin_by`."""
        raise NotImplementedError

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:
        """Return all texts from this sender to this recipient that the carrier got since then.

        Whatever their words: a carrier may change them. Which of them is ours is not the carrier's
        to say. `since` is a time of our clock. Raises CarrierError if the carrier can't tell, and
        TooLateError after `sms.begin_by`.
        """
        raise NotImplementedError

    def whitelist(self, numbers: Collection[str]) -> None:
        """Tell the carrier's filter which of our numbers may pass: all of them, each time.

        Most carriers have no way for this but a person's mail, so it does nothing. Raises
        CarrierError.
        """

    def is_genuine(self, request: HttpRequest) -> bool:
        """Whether this callback comes from the carrier."""
        raise NotImplementedError

    def callbacks(self, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
        """What a genuine callback reports. Raises ValueError for a body that is none."""
        raise NotImplementedError

    def read_status(self, payload: Payload) -> StatusReport:
        raise NotImplementedError

    def read_incoming(self, payload: Payload) -> IncomingSms:
        raise NotImplementedError

    def answer(self) -> HttpResponse:
        """What the carrier wants to hear when its callback was stored."""
        return HttpResponse(status=204)


@cache
def get(key: str) -> Carrier:
    """The carrier with this key. Raises KeyError for one that this installation does not use."""
    if key not in settings.CARRIERS:
        raise KeyError(key)
    _, path = REGISTRY[key]
    carrier: Carrier = import_string(path)()
    return carrier


def label(key: str) -> str:
    """The carrier's name for people, also of one that is no longer used."""
    return REGISTRY[key][0] if key in REGISTRY else key


def choices() -> list[tuple[str, str]]:
    return [(key, REGISTRY[key][0]) for key in settings.CARRIERS if key in REGISTRY]

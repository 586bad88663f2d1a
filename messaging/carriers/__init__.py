"""The contract of a carrier, and the registry of those that ship.

A carrier is a folder here that can be deleted: its adapter, its codes, and its settings. Settings
are read before there are models, so this module imports none.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.checks import CheckMessage
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from environs import Env

from messaging.carriers.deadlines import Deadline

if TYPE_CHECKING:
    from messaging.models import CarrierEvent, SmsMessage
    from messaging.models.media import Media

FOLDER = Path(__file__).parent
# key: dotted path of the class, loaded on first use.
REGISTRY = {
    path.parent.name: f"{__name__}.{path.parent.name}.adapter.Adapter"
    for path in sorted(FOLDER.glob("*/adapter.py"))
}
# The carrier in use where CARRIERS isn't set.
DEFAULT = "twilio"
DEFAULT_IN_DEBUG = "sandbox"

# Names and values in the order received. A name can occur twice.
Payload = Sequence[Sequence[str]]


@dataclass(frozen=True)
class OutgoingSms:
    """A text to send. `key` is the attempt's idempotency key.

    `to` is in E.164, and `sender` too, unless it's a short code or a name. With `service`, the
    sender is in that messaging service of the carrier.

    After `begin_by` another worker may have taken over, so no request about it may begin. `account`
    is the name of the carrier's account to send it from, empty for the default one.
    """

    key: uuid.UUID
    sender: str
    to: str
    text: str
    begin_by: Deadline | None = field(default=None, compare=False)
    account: str = ""
    service: str = ""
    # Where the carrier can fetch the picture to send with it, if any.
    picture_url: str = ""


# What the rows store.
LONGEST_ID = 64


@dataclass(frozen=True)
class Accepted:
    """A text that the carrier accepted, under its ID. Nothing is known yet about delivery.

    Raises ValueError for an invalid ID. What a database can't store is left out of `raw`.
    """

    carrier_id: str
    raw: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_id(self.carrier_id):
            raise ValueError("The carrier's ID for this text isn't valid.")
        object.__setattr__(self, "raw", storable_json(self.raw))


class CarrierError(Exception):
    """The only exception that `send` and `find` raise, other than TooLateError.

    `code` and `words` are the carrier's, word for word, and empty if it gave none. `permanent`
    means that the text must not be retried automatically; if the code map knows `code`, the map
    decides. `ambiguous` means that the carrier may have accepted the text anyway: it never
    responded, or with a server error. `status` is the HTTP status of its response, 0 if there was
    none that can be read. `retry_after` is how long the carrier asks us to wait.
    """

    def __init__(  # noqa: PLR0913 - what is known of an error, by name
        self,
        words: str,
        *,
        code: str = "",
        permanent: bool = False,
        ambiguous: bool = False,
        status: int = 0,
        retry_after: timedelta = timedelta(),
        raw: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(words)
        self.words = storable(words)
        self.code = storable(code)
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.status = status
        self.retry_after = retry_after
        self.raw = storable_json(raw or {})


@dataclass(frozen=True)
class Callback:
    """One event of a webhook, before it's read.

    Raises ValueError for an invalid ID. What a database can't store is left out of the payload.
    """

    event_id: str
    carrier_id: str
    payload: Payload
    attempt_key: uuid.UUID | None = None

    def __post_init__(self) -> None:
        for given in (self.event_id, self.carrier_id):
            if not is_id(given):
                raise ValueError("The callback's ID isn't valid.")
        payload = [tuple(storable(part) for part in pair) for pair in self.payload]
        object.__setattr__(self, "payload", payload)


def storable(text: str) -> str:
    """Return the text without NUL and lone surrogates, which PostgreSQL can't store."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def storable_json(value: Any) -> Any:
    """Return a copy of what `json.loads` returned with all its texts storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): storable_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(part) for part in value]
    return value


def is_id(value: object) -> bool:
    """Return whether it can be stored as a carrier's ID."""
    return isinstance(value, str) and len(value) <= LONGEST_ID and storable(value) == value


@dataclass(frozen=True)
class StatusReport:
    """What a status callback reports. `receipt` is empty for states that change nothing."""

    receipt: SmsMessage.Receipt
    code: str = ""
    words: str = ""
    # The carrier's own name for the state, and whether the carrier documents it.
    state: str = ""
    known: bool = True


@dataclass(frozen=True)
class IncomingSms:
    """A text to one of the organization's numbers. Numbers are as the carrier wrote them."""

    carrier_id: str
    sender: str
    to: str
    text: str
    # What the carrier understood and acted on, if it says so: stop, start, help, or empty.
    opt_out_type: str = ""
    # The carrier's ID of the messaging service that got the text, if any.
    service: str = ""
    # Pictures and other files, which stay at the carrier.
    media: Sequence[Media] = ()

    def __post_init__(self) -> None:
        # A text with an ID that can't be one still counts, above all as an opt-out.
        if not is_id(self.service):
            object.__setattr__(self, "service", "")


@dataclass(frozen=True)
class PictureRules:
    """Which pictures a carrier sends. `largest` is in bytes."""

    largest: int
    # The countries of sender numbers and recipients (ISO 3166), and how to call them.
    regions: frozenset[str]
    places: str
    # In characters: a text with a picture has no segments.
    longest_text: int
    # Whether it fetches pictures over the internet, so that it needs a public address.
    needs_public_url: bool = True


class Carrier:
    """The base class of every carrier's adapter."""

    # The name of its folder, also used in URLs and rows.
    key: ClassVar[str]
    # The name that people see.
    label: ClassVar[str]
    # Whether the same `OutgoingSms.key` sent twice is one text. If not, `find` is called first.
    takes_idempotency_key: ClassVar[bool] = False
    # Whether texts can come from a name, in countries that allow it.
    takes_names: ClassVar[bool] = False
    # The texts, in capitals, that the carrier takes for an opt-out and confirms by itself.
    confirmed_opt_outs: ClassVar[frozenset[str]] = frozenset()
    # None if it can't send pictures.
    picture_rules: ClassVar[PictureRules | None] = None
    # The codes of an HTTP status 403 that mean that our credentials are wrong. 401 always does.
    credential_codes: ClassVar[frozenset[str]] = frozenset()

    # Names and numbers to which texts fail in known ways, if it's a carrier for trying things out.
    sample_failures: ClassVar[Sequence[tuple[str, str]]] = ()

    @property
    def code_map(self) -> str:
        """Return whose codes it uses, as `messaging.CarrierCode.carrier`."""
        return self.key

    def account_names(self) -> list[str]:
        """Return the names of its accounts besides the default one, which has none."""
        return []

    def send(self, sms: OutgoingSms) -> Accepted:
        """Send a text. Raises CarrierError, and TooLateError after `sms.begin_by`."""
        raise NotImplementedError

    def find(self, sms: OutgoingSms, since: datetime) -> list[Accepted]:
        """Return all texts from this sender to this recipient that the carrier got since then.

        Include them whatever their wording, which a carrier may change: the caller decides which
        one is ours. `since` is by our clock. Raises CarrierError if the carrier can't be
        asked, and TooLateError after `sms.begin_by`.
        """
        raise NotImplementedError

    def whitelist(self, numbers: Collection[str]) -> None:
        """Send the full list of whitelisted sender numbers to the carrier's spam filter.

        Does nothing by default, because most carriers only take requests by mail. Raises
        CarrierError.
        """

    def is_genuine(self, request: HttpRequest) -> bool:
        """Return whether this callback comes from the carrier."""
        raise NotImplementedError

    def callbacks(self, request: HttpRequest, kind: CarrierEvent.Kind) -> list[Callback]:
        """Return what a genuine callback reports. Raises ValueError for a body that isn't one."""
        raise NotImplementedError

    def is_of_account(self, payload: Payload, account: str) -> bool:  # noqa: ARG002
        """Return whether the account with this name made a genuine callback.

        Each account signs its own, and organizations may know the secrets of theirs. A carrier
        without accounts has nothing to check.
        """
        return True

    def read_status(self, payload: Payload) -> StatusReport:
        """Return the status that a callback reports, `known=False` for an undocumented one."""
        raise NotImplementedError

    def read_incoming(self, payload: Payload) -> IncomingSms:
        """Return the incoming text that a callback reports."""
        raise NotImplementedError

    def download(self, url: str, file: IO[bytes]) -> None:
        """Write a file that came with a text into `file`. `url` is what the carrier said.

        Only request the carrier's own hosts: see `download` in `messaging/carriers/media.py`.
        Raises its MediaError.
        """
        raise NotImplementedError

    def answer(self) -> HttpResponse:
        """Return the response to a callback that was stored."""
        return HttpResponse(status=204)

    def check(self) -> Iterable[CheckMessage]:
        """Return what's wrong with the settings, as system checks do."""
        return []

    def check_deployment(self) -> Iterable[CheckMessage]:
        """Return what's wrong in production only: `manage.py check --deploy`."""
        return []


@cache
def get(key: str) -> Carrier:
    """Return the carrier with this key. Raises KeyError if this installation doesn't use it."""
    if key not in settings.CARRIERS:
        raise KeyError(key)
    return _adapter(key)()


def configured(key: str, account: str) -> Carrier:
    """Return the carrier. Raises KeyError if this installation doesn't use it or the account."""
    carrier = get(key)
    if account and account not in carrier.account_names():
        raise KeyError(account)
    return carrier


def is_configured(key: str, account: str) -> bool:
    try:
        configured(key, account)
    except KeyError:
        return False
    return True


def takes_names(key: str) -> bool:
    """Return whether texts can come from a name at this carrier, also one no longer used."""
    return key in REGISTRY and _adapter(key).takes_names


def picture_rules(key: str) -> PictureRules | None:
    """Return which pictures a carrier sends, also one that's no longer used."""
    return _adapter(key).picture_rules if key in REGISTRY else None


def account_names() -> set[str]:
    """Return the names of all carriers' accounts besides the default ones."""
    keys = [key for key in settings.CARRIERS if key in REGISTRY]
    return {name for key in keys for name in get(key).account_names()}


def check(*, deploy: bool = False) -> Iterator[CheckMessage]:
    """Yield what's wrong with the settings of the carriers in use."""
    for key in filter(REGISTRY.__contains__, settings.CARRIERS):
        carrier = _adapter(key)()
        yield from carrier.check_deployment() if deploy else carrier.check()


def code_map(key: str) -> str:
    """Return whose codes a carrier uses, also one that's no longer used."""
    try:
        return get(key).code_map
    except KeyError:
        return _adapter(key)().code_map if key in REGISTRY else key


def keys_with(code_map_key: str) -> list[str]:
    """Return the carriers that use these codes."""
    keys = {*REGISTRY, *settings.CARRIERS, code_map_key}
    return sorted(key for key in keys if code_map(key) == code_map_key)


def example_key() -> str:
    """Return the key of a carrier that this installation uses, for examples."""
    return next(iter(settings.CARRIERS), DEFAULT)


def sample_failures() -> list[tuple[str, str]]:
    """Return names and numbers to which texts fail in known ways, of the carriers in use."""
    keys = [key for key in settings.CARRIERS if key in REGISTRY]
    return [sample for key in keys for sample in _adapter(key).sample_failures]


def label(key: str) -> str:
    """Return the carrier's name for people, also of one that's no longer used."""
    return _adapter(key).label if key in REGISTRY else key


def choices() -> list[tuple[str, str]]:
    """Return the key and the label of each carrier in use."""
    return [(key, label(key)) for key in settings.CARRIERS if key in REGISTRY]


def read_settings(env: Env, enabled: Collection[str], *, debug: bool) -> dict[str, Any]:
    """Return the settings of all carriers, by name.

    Includes those that aren't enabled, because commands may use them. Raises ImproperlyConfigured
    for a value that's too dangerous to start with.
    """
    values: dict[str, Any] = {}
    for path in sorted(FOLDER.glob("*/settings.py")):
        key = path.parent.name
        module = import_module(f"{__name__}.{key}.settings")
        values |= module.read(env, enabled=key in enabled, debug=debug)
    return values


def _adapter(key: str) -> type[Carrier]:
    adapter: type[Carrier] = import_string(REGISTRY[key])
    return adapter

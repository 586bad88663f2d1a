"""Post callbacks as Twilio does: signed, and again when they're rejected."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from messaging.carriers.sandbox.scheduler import Scheduler
from messaging.carriers.twilio_protocol import signatures

WORKERS = 8
TIMEOUT = 5.0


@dataclass
class Control:
    """What can be changed while the sandbox runs. Times are in seconds, chances from 0 to 1."""

    # The time from one state to the next, and from delivery to the person's reply.
    delay: float = 0.3
    reply_delay: float = 2.0
    # How long to keep a request open that never gets a response.
    hang: float = 30.0
    # The time before each retry of a rejected callback.
    retries: list[float] = field(default_factory=lambda: [1.0, 5.0, 15.0, 60.0])
    duplicate: float = 0.0
    reorder: float = 0.0
    lose: float = 0.0
    missign: float = 0.0
    # Of requests to Twilio's API: HTTP 503, and HTTP 401. 1 is an outage, and a changed token.
    unavailable: float = 0.0
    unauthorized: float = 0.0
    # Sender numbers that the spam filter lets pass.
    whitelisted: list[str] = field(default_factory=list)

    def change(self, changes: Mapping[str, object]) -> None:
        """Apply all changes, or none: raises ValueError for an unknown name or a wrong type."""
        current = vars(self)
        for name, value in changes.items():
            wanted = (int, float) if isinstance(current.get(name), int | float) else list
            if name not in current or not isinstance(value, wanted):
                raise ValueError(f"{name} can't be {value!r}.")
        current.update(changes)


class Courier:
    def __init__(self, scheduler: Scheduler, control: Control, token: str, seed: int) -> None:
        self.scheduler = scheduler
        self.control = control
        self.token = token
        self.seed = seed
        self.http = urllib3.PoolManager(maxsize=WORKERS, timeout=TIMEOUT, retries=False)

    def chance(self, name: str, about: str) -> bool:
        """Return the same result for the same seed and callback, regardless of other callbacks."""
        likely: float = getattr(self.control, name)
        # Not for secrets. Tests need repeatable results.
        return likely > 0 and random.Random(f"{self.seed} {name} {about}").random() < likely  # noqa: S311

    def deliver(self, url: str, params: Mapping[str, str], about: str) -> None:
        """Post a callback. `about` identifies it for the chances."""
        if self.chance("lose", about):
            return
        token = f"not {self.token}" if self.chance("missign", about) else self.token
        signature = signatures.sign(token, url, {name: [params[name]] for name in params})
        for _ in range(2 if self.chance("duplicate", about) else 1):
            self.post(url, urlencode(params), signature)

    def post(self, url: str, body: str, signature: str, tries: int = 0) -> None:
        if self.is_accepted(url, body, signature) or tries >= len(self.control.retries):
            return
        again = partial(self.post, url, body, signature, tries + 1)
        self.scheduler.after(self.control.retries[tries], again)

    def is_accepted(self, url: str, body: str, signature: str) -> bool:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            signatures.HEADER: signature,
        }
        try:
            answer = self.http.request("POST", url, body=body, headers=headers)
        except HTTPError:
            return False
        return answer.status < 400

    def can_fetch_picture(self, url: str) -> bool:
        try:
            answer = self.http.request("GET", url)
        except HTTPError:
            return False
        content_type = answer.headers.get("Content-Type", "")
        return answer.status == 200 and content_type.startswith("image/")

    def close(self) -> None:
        self.http.clear()

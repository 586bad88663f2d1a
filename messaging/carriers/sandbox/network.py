"""What happens to a text in the sandbox: rejected, filtered, delivered, answered."""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count

from django.conf import settings

from messaging.carriers.sandbox import people
from messaging.carriers.sandbox.courier import Courier
from messaging.carriers.sandbox.numbers import FROM, GOOD, TO, WORDS, Behavior
from messaging.carriers.sandbox.scheduler import Scheduler
from messaging.carriers.sandbox.spam import looks_like_spam

E164 = re.compile(r"\+[1-9]\d{6,14}")
SHORT_CODE = re.compile(r"[1-9]\d{4,5}")
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_&-][A-Za-z0-9 +_&-]{0,10}")
LONGEST = 1600
# Drop the oldest texts above this number, so that the sandbox can run for weeks.
KEPT = 100_000

FILTERED = Behavior(code=30007, ends="undelivered")
NO_PICTURE = Behavior(code=21620, ends="failed")


class Refused(Exception):  # noqa: N818 (a response, not an error of the sandbox)
    """The API's response to a text that it rejects."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(WORDS[code])
        self.status = status
        self.code = code


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Text:
    """A text. `key` and `callback` are the caller's idempotency key and URL, empty for none."""

    sid: str
    sender: str
    to: str
    body: str
    key: str = ""
    callback: str = ""
    picture_url: str = ""
    behavior: Behavior = GOOD
    status: str = "queued"
    code: int = 0
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    sent: datetime | None = None


class Network:
    def __init__(
        self, scheduler: Scheduler, courier: Courier, *, account_sid: str, inbound_url: str
    ) -> None:
        self.scheduler = scheduler
        self.courier = courier
        self.control = courier.control
        self.account_sid = account_sid
        self.inbound_url = inbound_url
        self.texts: dict[str, Text] = {}
        self.by_key: dict[str, Text] = {}
        # The number of texts per idempotency key. It must be one.
        self.texts_of_key: Counter[str] = Counter()
        # Pairs of a person and one of our numbers that this person opted out of.
        self.opted_out: set[tuple[str, str]] = set()
        self.numbers = count(1)
        self.requests = count(1)
        self.lock = threading.Lock()

    def check_health(self) -> None:
        """Raise Refused if this request meets an outage, or a changed token."""
        number = str(next(self.requests))
        if self.courier.chance("unauthorized", number):
            raise Refused(401, 20003)
        if self.courier.chance("unavailable", number):
            raise Refused(503, 20503)

    def accept(self, form: Mapping[str, str], key: str = "") -> tuple[Text, bool]:
        """Return the text, and whether it's a new one. Raises Refused."""
        with self.lock:
            if key and key in self.by_key:
                return self.by_key[key], False
            self.check(form)
            text = self.keep(form, key)
        states = ["sending", "sent", text.behavior.ends]
        self.scheduler.after(self.control.delay, partial(self.advance, text, states))
        return text, True

    def check(self, form: Mapping[str, str]) -> None:
        sender, to, body = (form.get(name, "") for name in ("From", "To", "Body"))
        mistakes = [
            (21604, not to),
            (21603, not sender),
            (21602, not body and not form.get("MediaUrl")),
            (21211, not E164.fullmatch(to)),
            (21212, not any(form.fullmatch(sender) for form in (E164, SHORT_CODE, NAME))),
            # Carriers in the US and Canada take no texts from names.
            (21612, NAME.fullmatch(sender) is not None and to.startswith("+1")),
            (21266, to == sender),
            (21617, len(body) > LONGEST),
            (21610, (to, sender) in self.opted_out),
        ]
        for code, is_made in mistakes:
            if is_made:
                raise Refused(400, code)
        for behavior in (TO.get(to, GOOD), FROM.get(sender, GOOD)):
            if behavior.status:
                raise Refused(behavior.status, behavior.code)

    def keep(self, form: Mapping[str, str], key: str) -> Text:
        text = Text(
            sid=self.new_sid(key),
            sender=form["From"],
            to=form["To"],
            body=form.get("Body", ""),
            key=key,
            callback=form.get("StatusCallback", ""),
            picture_url=form.get("MediaUrl", ""),
            behavior=self.behavior(form),
        )
        self.texts[text.sid] = text
        if key:
            self.by_key[key] = text
            self.texts_of_key[key] += 1
        if len(self.texts) > KEPT:
            oldest = self.texts.pop(next(iter(self.texts)))
            self.by_key.pop(oldest.key, None)
            self.texts_of_key.pop(oldest.key, None)
        return text

    def new_sid(self, key: str = "") -> str:
        """Return an ID, the same for a key even after a restart: carriers don't reuse IDs."""
        source = key or f"{self.courier.seed} {next(self.numbers)}"
        return "SM" + hashlib.sha256(source.encode()).hexdigest()[:32]

    def behavior(self, form: Mapping[str, str]) -> Behavior:
        if looks_like_spam(form.get("Body", "")) and form["From"] not in self.control.whitelisted:
            return FILTERED
        return TO.get(form["To"], GOOD)

    def advance(self, text: Text, states: list[str]) -> None:
        """Move the text to the first of these states; the others follow once that is reported."""
        text.status, *rest = states
        has_picture = text.status == "sending" and text.picture_url
        if has_picture and not self.courier.can_fetch_picture(text.picture_url):
            text.behavior, rest = NO_PICTURE, [NO_PICTURE.ends]
        text.updated = now()
        if text.status == "sent":
            text.sent = text.updated
        if not rest:
            text.code = text.behavior.code
        self.report(text, remaining=len(rest))
        if rest:
            self.scheduler.after(self.control.delay, partial(self.advance, text, rest))
        elif text.status == "delivered":
            self.let_answer(text)

    def report(self, text: Text, remaining: int) -> None:
        if not text.callback:
            return
        deliver = partial(
            self.courier.deliver,
            text.callback,
            self.status_params(text),
            about=f"{text.sid} {text.status}",
        )
        if remaining and self.courier.chance("reorder", text.sid):
            # Delay earlier states longer, so that the last one arrives first.
            self.scheduler.after(remaining * max(2 * self.control.delay, 0.1), deliver)
        else:
            deliver()

    def status_params(self, text: Text) -> dict[str, str]:
        params = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": text.sender,
            "MessageSid": text.sid,
            "MessageStatus": text.status,
            "SmsSid": text.sid,
            "SmsStatus": text.status,
            "To": text.to,
        }
        if text.code:
            params |= {"ErrorCode": str(text.code), "ErrorMessage": WORDS[text.code]}
        return params

    def let_answer(self, text: Text) -> None:
        words = people.answer(text.to, text.body)
        pictures = int(text.behavior.picture)
        if (words or pictures) and not NAME.fullmatch(text.sender):
            sid = self.new_sid(f"after {text.sid}")
            say = partial(self.say, text.to, text.sender, words, sid, pictures=pictures)
            self.scheduler.after(self.control.reply_delay, say)

    def say(self, person: str, to: str, body: str, sid: str = "", *, pictures: int = 0) -> str:
        """Text one of our numbers as a person, with pictures. Return the text's ID."""
        sid = sid or self.new_sid()
        word = body.strip().upper()
        if word in people.OUT:
            self.opted_out.add((person, to))
        elif word in people.BACK_IN:
            self.opted_out.discard((person, to))
        params = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": person,
            "MessageSid": sid,
            "NumMedia": str(pictures),
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": to,
        }
        for number in range(pictures):
            path = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}/Media/ME{number}"
            params[f"MediaUrl{number}"] = f"{settings.SANDBOX_URL}{path}"
            params[f"MediaContentType{number}"] = "image/png"
        self.courier.deliver(self.inbound_url, params, about=sid)
        return sid

    def newest(self, to: str = "", sender: str = "") -> list[Text]:
        with self.lock:
            texts = list(self.texts.values())
        return [
            text
            for text in reversed(texts)
            if (not to or text.to == to) and (not sender or text.sender == sender)
        ]

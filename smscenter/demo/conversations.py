"""Conversations: the texts, their times, and which of them fail."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from messaging.models import OptOut
from messaging.models.reason import Reason
from smscenter.demo import texts
from smscenter.demo.clock import Clock
from smscenter.demo.failures import OF_TEXT, TRANSIENT, Failure
from smscenter.demo.story import Status, Text
from smscenter.demo.subjects import Subject
from smscenter.demo.texts import Exchange, Line

SHARE_FAILED = 0.03
SHARE_RECOVERED = 0.02
LONGEST_SPAN = 540  # days
Receipt = ("", "accepted", "delivered", "delivered", "delivered", "delivered", "delivered")


class Conversations:
    def __init__(self, clock: Clock, failing: Iterator[Failure]) -> None:
        self.clock = clock
        self.failing = failing
        # Each failure occurs once early on, so that a small demo shows it, too.
        self.owed = len(OF_TEXT)

    def talk(self, subject: Subject, count: int, last_day: int, rng: random.Random) -> list[Text]:
        """Return `count` texts, oldest first, the last one `last_day` days ago."""
        exchanges = list(_script(count, rng))
        starts = self._starts(len(exchanges), last_day, rng)
        conversation: list[Text] = []
        for exchange, start in zip(exchanges, starts, strict=True):
            conversation += self._exchange(subject, exchange, start, conversation, rng)
        self._trouble(subject, conversation, exchanges, rng)
        self._end(subject, conversation, last_day, rng)
        return conversation

    def silence(
        self,
        subject: Subject,
        count: int,
        last_day: int,
        failure: Failure | None,
        rng: random.Random,
    ) -> list[Text]:
        """Return texts without a reply. With a `failure`, they failed because of the number."""
        conversation = [
            _text(
                subject,
                Line(outgoing=True, words=texts.SILENT[index % len(texts.SILENT)]),
                start,
                rng,
            )
            for index, start in enumerate(self._starts(count, last_day, rng))
        ]
        if failure is not None:
            worked_before = failure.reason in {Reason.OPTED_OUT, Reason.RECIPIENT_BLOCKED}
            for text in conversation[-1:] if worked_before else conversation:
                retried = failure.reason == Reason.UNREACHABLE
                text.fail(*[failure] * (2 if retried else 1))
        return conversation

    def _starts(self, count: int, last_day: int, rng: random.Random) -> list[datetime]:
        span = min(LONGEST_SPAN, 4 + count * rng.randint(2, 9))
        earlier = (rng.randint(last_day + 1, last_day + span) for _ in range(count - 1))
        last = (
            self.clock.today(rng.uniform(0, 0.7))
            if last_day == 0
            else self.clock.office(last_day, rng)
        )
        return [*sorted(self.clock.office(day, rng) for day in earlier), last]

    def _exchange(
        self,
        subject: Subject,
        exchange: Exchange,
        start: datetime,
        conversation: list[Text],
        rng: random.Random,
    ) -> Iterable[Text]:
        is_today = start >= self.clock.midnight
        longest = self.clock.window.total_seconds() / 40 if is_today else 900
        at = max(start, conversation[-1].at + timedelta(seconds=20)) if conversation else start
        for line in exchange:
            yield _text(subject, line, at, rng)
            at += timedelta(seconds=int(rng.uniform(longest / 20, longest)))

    def _trouble(
        self,
        subject: Subject,
        conversation: list[Text],
        exchanges: list[Exchange],
        rng: random.Random,
    ) -> None:
        """Let some texts fail that have no reply, and let others take two or three attempts."""
        for place in _unanswered(exchanges):
            if rng.random() < SHARE_FAILED or (self.owed and len(conversation) > 1):
                self.owed = max(0, self.owed - 1)
                self._fail(subject, conversation[place], next(self.failing), rng)
                break
        for text in conversation:
            if text.status == Status.SENT and rng.random() < SHARE_RECOVERED:
                reason = rng.choice(TRANSIENT)
                failure = next(failure for failure in OF_TEXT if failure.reason == reason)
                text.failures = (failure,) * rng.choice((1, 1, 2))

    def _fail(self, subject: Subject, text: Text, failure: Failure, rng: random.Random) -> None:
        text.fail(*[failure] * (rng.choice((1, 2, 3)) if failure.reason in TRANSIENT else 1))
        cast = subject.cast
        match failure.reason:
            case Reason.SPAM:
                text.words = subject.say(rng.choice(texts.SPAM), rng)
            case Reason.TOO_LONG:
                text.words = subject.say(texts.LONG, rng)
            case Reason.CONTENT_INVALID:
                text.words = "\n"
            case Reason.UNREGISTERED_SENDER:
                text.sender = cast.unregistered or text.sender
            case Reason.EXPIRED:
                text.sender = cast.retired or text.sender

    def _end(
        self, subject: Subject, conversation: list[Text], last_day: int, rng: random.Random
    ) -> None:
        """Let a few people opt out, and leave a few texts unsent."""
        draw, last = rng.random(), conversation[-1]
        if last.failures or len(conversation) < 3:
            return
        if draw < 0.06:
            _opt_out(last, rng)
        elif draw < 0.1 and 0 < last_day < 30:
            last.status, last.receipt = Status.SCHEDULED, ""
            last.scheduled = self.clock.office(-rng.randint(1, 9), rng)
            last.words = subject.say(rng.choice(texts.SCHEDULED), rng)
        elif draw < 0.13:
            last.status, last.receipt = Status.DRAFT, ""
            last.words = subject.say(rng.choice(texts.DRAFTS), rng)


def _script(count: int, rng: random.Random) -> Iterator[Exchange]:
    """Yield an opening, some sales talk, and then service texts to fill the count."""
    middle = rng.sample(texts.MIDDLE, rng.randint(3, 9))
    source = chain([rng.choice(texts.OPENINGS)], middle, _service(rng))
    while count > 0:
        exchange = next(source)[:count]
        count -= len(exchange)
        yield exchange


def _service(rng: random.Random) -> Iterator[Exchange]:
    while True:
        yield from rng.sample(texts.SERVICE, len(texts.SERVICE))


def _unanswered(exchanges: list[Exchange]) -> Iterator[int]:
    """Return the indexes of outgoing texts that end an exchange, newest first."""
    end = sum(map(len, exchanges))
    for exchange in reversed(exchanges):
        if exchange[-1].outgoing:
            yield end - 1
        end -= len(exchange)


def _text(subject: Subject, line: Line, at: datetime, rng: random.Random) -> Text:
    return Text(
        lead=subject.lead,
        contact=subject.contact,
        phone=subject.phone,
        sender=subject.cast.sender_of(subject.lead.owner),
        words=subject.say(line.words, rng),
        at=at,
        user=subject.user,
        status=Status.SENT if line.outgoing else Status.INBOX,
        receipt=rng.choice(Receipt),
    )


def _opt_out(text: Text, rng: random.Random) -> None:
    text.status, text.failures = Status.INBOX, ()
    if rng.random() < 0.6:
        text.words, text.opt_out = (
            rng.choice(("STOP", "Stop", "UNSUBSCRIBE")),
            OptOut.Source.KEYWORD,
        )
    else:
        text.words, text.opt_out = rng.choice(texts.OPT_OUT_WORDS), OptOut.Source.WORDING

"""Load the demo data, batch by batch, in one transaction: all or nothing."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import reset_queries, transaction

from messaging.models.reason import Reason
from smscenter.accounts.models import Organization
from smscenter.demo import (
    chance,
    inbox,
    notifications,
    organizations,
    queue,
    requests,
    showcase,
)
from smscenter.demo.clock import Clock
from smscenter.demo.conversations import Conversations
from smscenter.demo.failures import OF_NUMBER, OF_TEXT, Failure, endless
from smscenter.demo.organizations import Cast
from smscenter.demo.recording import record
from smscenter.demo.rows import Batch
from smscenter.demo.story import Text
from smscenter.demo.subjects import Casting, Subject

MESSAGES_A_LEAD = 12
LEADS_OF_RIVAL = 25
Progress = Callable[[int], None]


def is_loaded() -> bool:
    return Organization.objects.filter(slug="demo").exists()


@transaction.atomic
def load(
    *, leads: int, messages: int, seed: int, now: datetime, progress: Progress = lambda _done: None
) -> None:
    """Load both organizations with their people. `leads` and `messages` apply to `demo`.

    The same seed within the same hour gives the same rows. `progress` gets the number of messages
    after each batch.
    """
    organizations.staff()
    rival = organizations.rival()
    filler = Filler(rival, _clock(rival, now), f"rival {seed}")
    filler.fill(LEADS_OF_RIVAL, LEADS_OF_RIVAL * 6, progress)
    demo = organizations.demo()
    clock = _clock(demo, now)
    shown = showcase.stage(demo, clock, chance.dice(seed, "showcase"))
    shown.save()
    texts = len(shown.messages) + len(inbox.REPLIES)
    rest = max(0, leads - len(shown.leads)), max(0, messages - texts)
    Filler(demo, clock, str(seed)).fill(*rest, progress)
    inbox.fill(demo, clock)
    requests.create(demo)
    queue.create(demo, rival)
    notifications.create(demo, clock)


def _clock(cast: Cast, now: datetime) -> Clock:
    return Clock(now, ZoneInfo(cast.organization.time_zone))


@dataclass(frozen=True)
class Filler:
    cast: Cast
    clock: Clock
    seed: str

    def fill(self, leads: int, messages: int, progress: Progress) -> None:
        done = 0
        for batch in self.batches(leads, messages):
            batch.save()
            reset_queries()  # DEBUG keeps them
            done += len(batch.messages)
            progress(done)

    def batches(self, leads: int, messages: int) -> Iterator[Batch]:
        crowd = Crowd(self.cast, self.clock, self.seed)
        batch = Batch()
        for index, count in enumerate(chance.volumes(leads, messages, chance.dice(self.seed))):
            crowd.add(batch, count, chance.dice(self.seed, index))
            if batch.is_full:
                yield batch
                batch = Batch()
        yield batch


class Crowd:
    """Add the leads without a handwritten story."""

    def __init__(self, cast: Cast, clock: Clock, seed: str) -> None:
        self.clock = clock
        self.casting = Casting(cast, clock)
        self.conversations = Conversations(clock, endless(OF_TEXT, chance.dice(seed, "texts")))
        self.bad_numbers = endless(OF_NUMBER, chance.dice(seed, "numbers"))

    def add(self, batch: Batch, count: int, rng: random.Random) -> None:
        """Add one lead with so many texts."""
        last_day = self._last_day(rng)
        failure = next(self.bad_numbers) if 0 < count < 4 and rng.random() < 0.25 else None
        abroad = failure is not None and failure.reason == Reason.UNSUPPORTED_COUNTRY
        subject = self.casting.subject(rng, batch, abroad=abroad)
        if count == 0:
            self.casting.opened(subject, self.clock.office(last_day + 1, rng), batch, rng)
            return
        conversation = self._conversation(subject, count, last_day, failure, rng)
        self.casting.opened(subject, conversation[0].at, batch, rng)
        for text in conversation:
            record(text, batch, rng)

    def _conversation(
        self,
        subject: Subject,
        count: int,
        last_day: int,
        failure: Failure | None,
        rng: random.Random,
    ) -> list[Text]:
        if failure or (count < 4 and rng.random() < 0.3):
            return self.conversations.silence(subject, count, last_day, failure, rng)
        return self.conversations.talk(subject, count, last_day, rng)

    def _last_day(self, rng: random.Random) -> int:
        """Return days since the last activity: some today, most within two months."""
        return 0 if rng.random() < 0.08 else min(400, 1 + int(rng.expovariate(1 / 45)))

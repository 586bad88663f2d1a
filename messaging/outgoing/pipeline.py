"""The way of due attempts through a worker: claimed, begun, sent, stored, without batches.

One thread talks to the database, and calls `Pipeline.turn` again and again. The carriers' threads
make the requests. They always have some that have begun already, so that none waits for the
database, and what they finish is stored in groups.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from operator import attrgetter
from queue import Empty, Queue
from time import monotonic

from django.conf import settings
from django.utils import timezone

from messaging import carriers
from messaging.models import Attempt
from messaging.outgoing import claims, dispatch
from messaging.outgoing.carrier_threads import CarrierThreads
from messaging.outgoing.claims import EVERYTHING, Claim, Scope
from messaging.outgoing.dispatch import CarrierRequest, Result

# How many attempts have begun and wait for each thread, so that none is idle while others' results
# are stored. If the process dies, a carrier without idempotency keys is asked about each of them.
AHEAD, AHEAD_WITH_KEYS = 1, 2
# In seconds. Results that arrive within this time are stored together.
GATHER = 0.01
GROUP = 100
# How long attempts can wait for a thread before other workers get them.
LONGEST_WAIT = 5.0
# When to claim again after a claim that wasn't full, because senders have rates.
CLAIM_AGAIN = 0.05
# How often to look for attempts of workers that disappeared.
TAKE_OVER_EVERY = 1.0


def ignore(_attempts: Sequence[Attempt]) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Waiting:
    """An attempt that was claimed and hasn't begun."""

    claim: Claim
    attempt: Attempt
    since: float = field(default_factory=monotonic)

    @property
    def is_stale(self) -> bool:
        return self.claim.begin_by.has_passed() or monotonic() - self.since > LONGEST_WAIT


class Lane:
    """The attempts of one carrier that wait, and the threads that send them."""

    def __init__(self, carrier: str, threads: int) -> None:
        self.threads = CarrierThreads(threads)
        self.waiting: deque[Waiting] = deque()
        self.ahead = threads * (AHEAD_WITH_KEYS if _takes_keys(carrier) else AHEAD)
        self.claim_at = self.take_over_at = 0.0
        # Whether the last claim was full, so that there's probably more.
        self.is_full = False

    def wanted(self, batch: int) -> int:
        """Return how many attempts to claim now: none if it isn't worth a query yet."""
        wanted = min(self.threads.room(self.ahead) + self.ahead - len(self.waiting), batch)
        is_worth_it = wanted >= min(self.ahead, batch) and monotonic() >= self.claim_at
        return wanted if is_worth_it else 0

    def add(self, waiting: Waiting) -> None:
        """Add an attempt: first if it's the only one of its sender number, so that it's fair."""
        senders = {each.attempt.sender_id for each in self.waiting}
        if waiting.attempt.sender_id in senders:
            self.waiting.append(waiting)
        else:
            self.waiting.appendleft(waiting)

    def next(self) -> list[Waiting]:
        """Return the attempts for which there are threads, or soon will be."""
        return list(islice(self.waiting, self.threads.room(self.ahead)))


class Pipeline:
    """Sends due texts. Each carrier has its own threads, so one that hangs delays no other.

    `claimed` and `accepted` are called with the attempts that were.
    """

    def __init__(
        self,
        *,
        threads: int = 20,
        batch: int = 100,
        interval: float = 0.2,
        claimed: Callable[[Sequence[Attempt]], None] = ignore,
        accepted: Callable[[Sequence[Attempt]], None] = ignore,
    ) -> None:
        self.limit, self.batch, self.interval = threads, batch, interval
        self.claimed, self.accepted = claimed, accepted
        self.lanes: dict[str, Lane] = {}
        # A SimpleQueue can wait for ever if a signal arrives shortly before its timeout.
        self.finished: Queue[Result] = Queue()
        self.unstored: list[Result] = []
        self.in_flight = 0

    @property
    def is_busy(self) -> bool:
        return bool(self.in_flight or self.unstored or self._waiting())

    def turn(self, *, claiming: bool = True) -> None:
        """Wait for results or for due texts, and do what can be done now.

        Raises OperationalError and InterfaceError. The next turn then goes on where this one ended.
        """
        self._collect(self.interval if claiming or self.in_flight else 0)
        self._release(stale_only=claiming)
        if claiming:
            self._claim()
        self._hand_over()
        self._store()

    def claim(self, limit: int, scope: Scope = EVERYTHING, *, taking_over: bool = True) -> int:
        """Claim up to `limit` attempts. Return their number."""
        claim = claims.claim(limit, scope=scope, taking_over=taking_over)
        # A callback with our key proves that the carrier has the text, so it isn't resent.
        self.claimed([attempt for attempt in claim.attempts if attempt.started])
        for attempt in claim.attempts:
            self._lane(attempt.carrier).add(Waiting(claim, attempt))
        return len(claim.attempts)

    def finish(self) -> None:
        """Send what was claimed, and store all results."""
        while self.is_busy:
            self._release(stale_only=True)
            self._hand_over()
            self._collect(self.interval if self.in_flight else 0)
            self._store()

    def forget_lost(self) -> None:
        """Forget results that can't be stored because their leases have expired.

        Otherwise a worker would never stop while the database is down.
        """
        now = timezone.now()
        self.unstored = [r for r in self.unstored if (r.request.attempt.lease_until or now) > now]

    def close(self) -> None:
        for lane in self.lanes.values():
            lane.threads.close()

    def _lane(self, carrier: str) -> Lane:
        if carrier not in self.lanes:
            self.lanes[carrier] = Lane(carrier, self.limit)
        return self.lanes[carrier]

    def _waiting(self) -> list[Waiting]:
        return [each for lane in self.lanes.values() for each in lane.waiting]

    def _collect(self, longest: float) -> None:
        """Wait for a result, and a moment for more of them."""
        timeout = 0.0 if self.unstored or self._can_hand_over() else longest
        end = monotonic() + timeout
        try:
            while len(self.unstored) < GROUP:
                result = self.finished.get(timeout=max(0.0, end - monotonic()))
                self.in_flight -= 1
                if not self.unstored:
                    end = monotonic() + GATHER
                self.unstored.append(result)
        except Empty:
            pass

    def _can_hand_over(self) -> bool:
        return any(lane.waiting and lane.threads.room(lane.ahead) for lane in self.lanes.values())

    def _release(self, *, stale_only: bool) -> None:
        for lane in self.lanes.values():
            kept = deque(each for each in lane.waiting if stale_only and not each.is_stale)
            released = [each for each in lane.waiting if each not in kept]
            for claim, group in _by_claim(released):
                claims.release(claim, group)
            lane.waiting = kept

    def _claim(self) -> None:
        """Claim attempts for the carriers that have room."""
        lanes = {key: self._lane(key) for key in settings.CARRIERS}
        wanted = {key: lane.wanted(self.batch) for key, lane in lanes.items()}
        wanted = {key: limit for key, limit in wanted.items() if limit}
        if any(lanes[key].is_full for key in wanted) or (wanted and claims.is_anything_due()):
            for carrier, limit in wanted.items():
                self._claim_for(carrier, limit, is_only=len(wanted) == 1)

    def _claim_for(self, carrier: str, limit: int, *, is_only: bool) -> None:
        lane, scope, now = self._lane(carrier), Scope(carrier), monotonic()
        claimed = 0
        if lane.is_full or is_only or claims.is_anything_due(scope):
            taking_over = now >= lane.take_over_at
            if taking_over:
                lane.take_over_at = now + TAKE_OVER_EVERY
            claimed = self.claim(limit, scope, taking_over=taking_over)
        lane.is_full = claimed == limit
        if not lane.is_full:
            lane.claim_at = now + (CLAIM_AGAIN if claimed else self.interval)

    def _hand_over(self) -> None:
        """Give threads the requests that they have room for, after storing that they begin."""
        for lane in self.lanes.values():
            lane.threads.replace_slow()
            for claim, attempts in _by_claim(lane.next()):
                requests = dispatch.begin(claim, attempts)
                for _ in attempts:
                    lane.waiting.popleft()
                self._submit(lane, requests)

    def _submit(self, lane: Lane, requests: Iterable[CarrierRequest]) -> None:
        calls = [partial(self._run, request) for request in requests]
        self.in_flight += len(calls)
        lane.threads.submit(calls)

    def _run(self, request: CarrierRequest) -> None:
        self.finished.put(request.run())

    def _store(self) -> None:
        if not self.unstored:
            return
        following = dispatch.store(self.unstored)
        stored, self.unstored = self.unstored, []
        for request in following:
            self._submit(self._lane(request.attempt.carrier), [request])
        dispatch.log_finished(stored)
        attempts = [result.request.attempt for result in stored]
        self.accepted([attempt for attempt in attempts if attempt.carrier_id])


def _takes_keys(carrier: str) -> bool:
    with suppress(KeyError):  # it isn't set up anymore
        return carriers.get(carrier).takes_idempotency_key
    return False


def _by_claim(waiting: Iterable[Waiting]) -> list[tuple[Claim, list[Attempt]]]:
    groups = groupby(waiting, key=attrgetter("claim"))
    return [(claim, [each.attempt for each in group]) for claim, group in groups]

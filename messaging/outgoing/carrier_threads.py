"""The threads that send one carrier's texts. A carrier that hangs has no threads of another's."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic

Call = Callable[[], object]

# A request is slow if it takes four times as long as others do, within these limits in seconds. A
# slow request no longer counts: another thread sends meanwhile. A carrier that gets slower because
# it's overloaded doesn't get more requests at once.
SLOW_FACTOR = 4
SLOW_BETWEEN = (0.25, 2.0)
# How many slow requests may wait at the same time, as long as others finish. At 300 texts per
# second of which 1 % wait 15 seconds for nothing, it's 45. A waiting thread takes about 100 KB.
MOST_SLOW = 100
# If nothing has finished for this many seconds, the carrier may hang, and only a few more are sent.
ALIVE = 2.0


class CarrierThreads:
    """Make calls in up to `limit` threads, not counting those that wait for a slow response.

    Threads are daemons, so that a process can exit at once.
    """

    def __init__(self, limit: int, name: str = "carrier") -> None:
        self.limit, self.name = limit, name
        self.calls: deque[Call] = deque()
        self.began: dict[int, float] = {}  # when each busy thread's call began
        self.idle = 0
        self.typical = 0.1
        self.finished_at = monotonic()
        self.closed = False
        self.changed = threading.Condition()

    def submit(self, calls: Iterable[Call]) -> None:
        with self.changed:
            self.calls.extend(calls)
            self.changed.notify(len(self.calls))
            self._start_threads()

    def replace_slow(self) -> None:
        """Start threads in place of those that have become slow."""
        with self.changed:
            if self.calls:
                self._start_threads()

    def room(self, ahead: int) -> int:
        """Return how many calls to submit so that `ahead` of them wait for a thread."""
        with self.changed:
            free = self.limit + ahead - self._active() - len(self.calls)
            return max(0, min(free, self._most() - len(self.began) - len(self.calls)))

    def close(self) -> None:
        """End idle threads now, and the others after their calls."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _start_threads(self) -> None:
        needed = len(self.calls) - self.idle
        slots = self.limit - self._active() - self.idle
        spare = self._most() - len(self.began) - self.idle
        for _ in range(min(needed, slots, spare)):
            # It's idle from now on, or the next call would start one for the same call.
            self.idle += 1
            threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def _active(self) -> int:
        slow = monotonic() - self._slow_after()
        return sum(began > slow for began in self.began.values())

    def _slow_after(self) -> float:
        shortest, longest = SLOW_BETWEEN
        return min(max(SLOW_FACTOR * self.typical, shortest), longest)

    def _most(self) -> int:
        """Return how many threads there may be."""
        is_alive = monotonic() - self.finished_at < ALIVE
        return self.limit + (MOST_SLOW if is_alive else min(self.limit, MOST_SLOW))

    def _work(self) -> None:
        me = threading.get_ident()
        while call := self._next(me):
            try:
                call()
            finally:
                with self.changed:
                    self._finish(me)

    def _finish(self, me: int) -> None:
        self.idle += 1
        self.finished_at = monotonic()
        seconds = self.finished_at - self.began.pop(me)
        self.typical += (min(seconds, 2 * self._slow_after()) - self.typical) / 20

    def _next(self, me: int) -> Call | None:
        """Return the next call, or None if this thread isn't needed anymore."""
        with self.changed:
            while not self.calls and not self.closed and self._is_needed():
                self.changed.wait()
            self.idle -= 1
            if not self.calls or not self._is_needed(leaving=1):
                return None
            self.began[me] = monotonic()
            return self.calls.popleft()

    def _is_needed(self, leaving: int = 0) -> bool:
        """Return whether there are no more threads than `limit`, without slow ones."""
        return self._active() + self.idle + leaving <= self.limit

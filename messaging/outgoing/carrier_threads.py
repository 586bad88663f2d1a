"""The threads that send one carrier's texts. A carrier that hangs has no threads of another's."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic

Call = Callable[[], object]

# In seconds. A request that takes longer no longer counts: another thread sends meanwhile.
SLOW_AFTER = 0.5
# How many slow requests may wait at the same time. At 300 texts per second of which 1 % wait 15
# seconds for nothing, it's 45. A waiting thread takes about 100 KB.
MOST_SLOW = 100


class CarrierThreads:
    """Make calls in up to `limit` threads, not counting those that wait for a slow response.

    Threads are daemons, so that a process can exit at once.
    """

    def __init__(self, limit: int, name: str = "carrier") -> None:
        self.limit, self.name = limit, name
        self.calls: deque[Call] = deque()
        self.began: dict[int, float] = {}  # when each busy thread's call began
        self.idle = 0
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
            return max(0, min(free, self.limit + MOST_SLOW - len(self.began) - len(self.calls)))

    def close(self) -> None:
        """End idle threads now, and the others after their calls."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _start_threads(self) -> None:
        needed = len(self.calls) - self.idle
        slots = self.limit - self._active() - self.idle
        spare = self.limit + MOST_SLOW - len(self.began) - self.idle
        for _ in range(min(needed, slots, spare)):
            # It's idle from now on, or the next call would start one for the same call.
            self.idle += 1
            threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def _active(self) -> int:
        slow = monotonic() - SLOW_AFTER
        return sum(began > slow for began in self.began.values())

    def _work(self) -> None:
        me = threading.get_ident()
        while call := self._next(me):
            try:
                call()
            finally:
                with self.changed:
                    del self.began[me]
                    self.idle += 1

    def _next(self, me: int) -> Call | None:
        """Return the next call, or None if this thread isn't needed any more."""
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

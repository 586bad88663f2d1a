"""Whether the replica can be read: it responds, and isn't too far behind the primary.

How far behind is measured in positions of the primary's log, so no clocks are compared, and idle,
disconnected, and slow replicas are all told apart. Each check remembers the primary's position. If
the replica has replayed the oldest one of the last REPLICA_LAG_SECONDS, it has everything that was
committed before.
"""

from collections import deque
from dataclasses import dataclass
from threading import Lock
from time import monotonic

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections

log = structlog.get_logger(__name__)

ALIAS = "replica"
# Each process checks this often while people request lists.
CHECK_SECONDS = 1.0
# How long a replica that failed isn't tried again.
RETRY_SECONDS = 5.0
# How long a check holds, because others don't wait for the next one.
HOLDS_SECONDS = 2 * CHECK_SECONDS

# The identifier is the same in all replicas of a database server.
OF_PRIMARY = """
SELECT system_identifier, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') FROM pg_control_system()
"""
OF_REPLICA = """
SELECT pg_is_in_recovery(), system_identifier, pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')
FROM pg_control_system()
"""


class UnusableError(Exception):
    """The replica doesn't respond, or it isn't one of this database."""


@dataclass(frozen=True)
class Positions:
    """How many bytes of the log the primary has written, and the replica has replayed."""

    primary: int
    replica: int

    @property
    def lag(self) -> int:
        return max(0, self.primary - self.replica)


def is_configured() -> bool:
    return ALIAS in connections.settings


def positions() -> Positions:
    """Return where both are, the primary first. Raises UnusableError."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(OF_PRIMARY)
            (own, written) = cursor.fetchone()
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(OF_REPLICA)
            (follows, other, replayed) = cursor.fetchone()
    except Error as error:
        connections[ALIAS].close()
        raise UnusableError(f"It can't be read: {' '.join(str(error).split())}") from error
    if not follows or own != other or replayed is None:
        raise UnusableError("It isn't a replica of this database.")
    return Positions(int(written), int(replayed))


class State:
    """What this process knows of the replica."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._written: deque[tuple[float, int]] = deque()
        self._holds_until = self._next_check = 0.0
        self._is_used: bool | None = None

    def is_usable(self) -> bool:
        """Return whether it can be read now. Only one thread at a time checks."""
        if monotonic() >= self._next_check and self._lock.acquire(blocking=False):
            try:
                self._check()
            finally:
                self._lock.release()
        return monotonic() < self._holds_until

    def stop(self, reason: str, *, seconds: float = RETRY_SECONDS) -> None:
        """Don't read it for a while."""
        self._holds_until, self._next_check = 0.0, monotonic() + seconds
        if self._is_used is not False:
            log.warning("replica_unused", reason=reason)
        self._is_used = False

    def _check(self) -> None:
        now = monotonic()
        self._next_check = now + CHECK_SECONDS
        try:
            found = positions()
        except UnusableError as error:
            self.stop(str(error))
            return
        self._written.append((now, found.primary))
        while now - self._written[0][0] > settings.REPLICA_LAG_SECONDS:
            self._written.popleft()
        since, written = self._written[0]
        if found.replica >= written:
            self._use(now)
        elif now - since > settings.REPLICA_LAG_SECONDS - HOLDS_SECONDS:
            self.stop(f"It's {found.lag} bytes behind.", seconds=CHECK_SECONDS)

    def _use(self, now: float) -> None:
        self._holds_until = now + HOLDS_SECONDS
        if self._is_used is False:
            log.warning("replica_used")
        self._is_used = True


state = State()

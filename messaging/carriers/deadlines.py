"""Moments after which something must not begin, or must have ended."""

import time
from dataclasses import dataclass
from typing import Self


class TooLateError(Exception):
    """The moment passed before anything was sent, so nothing was."""


@dataclass(frozen=True)
class Deadline:
    """A moment on two clocks, in seconds, passed as soon as one of them says so.

    The monotonic clock goes on while a process is stopped, but stands still while its machine
    sleeps. The wall clock catches up then, but can be set back.
    """

    monotonic: float
    wall: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds, time.time() + seconds)

    def remaining(self) -> float:
        """Return the seconds until then; negative once it has passed."""
        return min(self.monotonic - time.monotonic(), self.wall - time.time())

    def has_passed(self) -> bool:
        return self.remaining() <= 0

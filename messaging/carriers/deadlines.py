"""Deadlines that hold even if a process is paused or a clock is set back."""

import time
from dataclasses import dataclass
from typing import Self


class TooLateError(Exception):
    """The deadline passed before anything was sent, so nothing was sent."""


@dataclass(frozen=True)
class Deadline:
    """A moment on two clocks, in seconds. It has passed once either clock has passed it.

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

"""Run several processes as one group."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

GRACE = 15.0  # seconds to finish what is being done


class Stopped(BaseException):
    """A signal to stop. Not an Exception, because it isn't a failure."""


def _stop(number: int, _frame: FrameType | None) -> None:
    # A second signal would interrupt the cleanup.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


@dataclass
class Group:
    """A context manager that leaves none of its processes running."""

    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> "Group":
        self.before = {
            number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        # A terminal's Ctrl-C reaches the whole group. Block it in the children, because they would
        # take our own signal for a second Ctrl-C.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for name, command in self.commands.items():
                environment = {**os.environ, **self.environment}
                self.running[name] = subprocess.Popen(command, env=environment)  # noqa: S603 (ours)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        except BaseException:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + GRACE
        for process in self.running.values():
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def ended(self) -> str:
        """Return the name and exit code of a process that ended, or an empty string."""
        for name, process in self.running.items():
            if process.poll() is not None:
                return f"{name} (exit code {process.returncode})"
        return ""

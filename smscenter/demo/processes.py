"""Several processes that live and die together."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

GRACE = 15.0  # seconds to finish what is being done


class Stopped(BaseException):
    """A signal asks us to stop. Not an Exception, so that nobody takes it for a failure."""


def _stop(number: int, _frame: FrameType | None) -> None:
    # A second one would interrupt the tidying up.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


@dataclass
class Group:
    """A context: whatever ends it, afterwards none of the processes runs."""

    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> "Group":
        self.before = {
            number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        # A terminal's Ctrl-C reaches the whole group, and who hears it from the terminal and then
        # from us takes the second for impatience. So it is kept from them.
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
        """The name of one that has ended, with its exit code; empty while all run."""
        for name, process in self.running.items():
            if process.poll() is not None:
                return f"{name} (exit code {process.returncode})"
        return ""

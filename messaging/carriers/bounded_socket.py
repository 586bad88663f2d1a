"""Sockets that read and write nothing once it's too late, plain or under TLS.

A process may be frozen for minutes between any two of its instructions. So the last look at the
clock is right before the kernel gets the data, below TLS. If a process is frozen even between these
two, the kernel ends it before it can go on.
"""

import ctypes
import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_write

from messaging.carriers.deadlines import Deadline, TooLateError

# `send` of the C library, called without releasing the interpreter lock. `socket.send` releases it,
# and a thread that waited for it often runs before the one that released it goes on: then some
# milliseconds pass between the clock and the write, instead of microseconds.
c_send = ctypes.PyDLL(None, use_errno=True).send
c_send.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
c_send.restype = ctypes.c_ssize_t

# In seconds. A process that only waits for a processor at the end of its time must not end.
MARGIN = 0.05


@dataclass
class Limits:
    """The deadlines of one request: when it must have ended, and when it must have begun."""

    end_by: Deadline
    begin_by: Deadline | None
    # Whether the carrier may have read any of it.
    has_begun: bool = False
    # Whether all of it was sent.
    is_sent: bool = False

    @property
    def send_by(self) -> Deadline:
        """Return the earlier deadline on each clock."""
        begin_by = self.begin_by or self.end_by
        return Deadline(
            min(self.end_by.monotonic, begin_by.monotonic), min(self.end_by.wall, begin_by.wall)
        )

    @property
    def remaining(self) -> float:
        """Return a positive timeout. 0 and negative values mean something else to a socket."""
        return max(self.end_by.remaining(), 0.001)

    def mark_sent(self) -> None:
        """Let what TLS may have to write while a response is read be as late as the response."""
        self.is_sent, self.begin_by = True, None


# The deadlines of the request in the current thread.
limits: ContextVar[Limits] = ContextVar("limits")


class BoundedSocket(socket.socket):
    """A socket that checks the clocks before each read and each packet it sends."""

    # Past a proxy and the TLS handshake, so that what's sent now is the request.
    is_ready = False

    @classmethod
    def of(cls, sock: socket.socket) -> Self:
        """Take over a socket."""
        return cls(sock.family, sock.type, sock.proto, sock.detach())

    def recv(self, *args: Any) -> bytes:
        self._limit_wait()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        self._limit_wait()
        return super().recv_into(*args)

    def _limit_wait(self) -> None:
        if limits.get().end_by.has_passed():
            raise TimeoutError("timed out before the answer was complete")
        self.settimeout(limits.get().remaining)

    def sendall(self, data: Any, flags: int = 0) -> None:
        data = bytes(data)
        while data:
            # Let other threads run now, so that none is due to interrupt what follows.
            time.sleep(0)
            try:
                data = data[self._send_now(data, flags | socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                wait_for_write(self, limits.get().remaining)

    def _send_now(self, data: bytes, flags: int) -> int:
        """Send what the kernel takes at once, or nothing if it's too late. Return how much.

        Between the clocks and the kernel, there's as little as possible.
        """
        limit = limits.get()
        send_by, number, size = limit.send_by, self.fileno(), len(data)
        latest, latest_wall = send_by.monotonic, send_by.wall
        with ended_if_frozen(limit.begin_by if self.is_ready else None):
            if time.time() < latest_wall and time.monotonic() < latest:
                sent: int = c_send(number, data, size, flags)
                if sent < 0:
                    raise OSError(code := ctypes.get_errno(), os.strerror(code))
                limit.has_begun |= self.is_ready
                return sent
        raise TimeoutError if limit.is_sent else TooLateError


@contextmanager
def ended_if_frozen(begin_by: Deadline | None) -> Iterator[None]:
    """End this process if it's frozen within the block for so long that it's too late to begin.

    A process that resumes gets its signals before it goes on, and SIGALRM ends it. There's one
    timer, and as long as a thread has the interpreter lock, no other one is here. Raises
    TooLateError if it's too late already.
    """
    if begin_by is None:
        yield
        return
    if (seconds := begin_by.remaining()) < MARGIN:
        raise TooLateError
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class BoundedTransport(SSLTransport):
    """TLS over a bounded socket, or over another TLS connection through a proxy."""

    socket: Any

    @property
    def _io_refs(self) -> int:
        """The number of open files, which the innermost socket counts."""
        number: int = self.socket._io_refs
        return number

    @_io_refs.setter
    def _io_refs(self, number: int) -> None:
        self.socket._io_refs = number


class BoundedContext(ssl.SSLContext):
    """A TLS context whose connections write to the socket in Python, where the clocks are."""

    def wrap_socket(self, sock: Any, *_: Any, server_hostname: Any = None, **__: Any) -> Any:
        return BoundedTransport(sock, self, server_hostname)

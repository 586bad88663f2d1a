"""HTTP requests that end in time, however slowly a carrier responds.

The timeouts of `requests` apply to each read of the socket, so a response that drips in never ends.
Here `timeout` applies to the whole request, and nothing is sent once it's too late to begin.
"""

import http.client
import io
import ssl
import time
from contextvars import ContextVar
from socket import socket
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.wait import wait_for_read, wait_for_write

from messaging.carriers.deadlines import Deadline, TooLateError

# A worker has 20 threads for a carrier, and up to 100 more while it responds slowly
# (messaging/outgoing/carrier_threads.py). Web processes need fewer.
CONNECTIONS = 128


class Limits(NamedTuple):
    """The deadlines of one request: when it must have ended, and when it must have begun."""

    end_by: Deadline
    begin_by: Deadline | None

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


# The deadlines of the request in the current thread.
limits: ContextVar[Limits] = ContextVar("limits")


class BoundedSession(requests.Session):
    """A pool of connections for all threads of a process."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, BoundedAdapter(pool_connections=4, pool_maxsize=CONNECTIONS))

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        begin_by: Deadline | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request that takes `timeout` seconds at most, from connecting to the last byte.

        Raises TooLateError if it didn't begin by `begin_by`, and what `requests` raises.
        """
        token = limits.set(Limits(Deadline.after(timeout), begin_by))
        try:
            return super().request(method, url, timeout=timeout, **options)
        except TooLateError as error:
            if begin_by and begin_by.has_passed():
                raise
            raise requests.ConnectTimeout("Connecting took too long") from error
        finally:
            limits.reset(token)


class BoundedReads(io.RawIOBase):
    """Read from a socket until the request has to end."""

    def __init__(self, raw: io.RawIOBase, sock: socket) -> None:
        self.raw, self.sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if limits.get().end_by.has_passed():
            raise TimeoutError("timed out before the answer was complete")
        self.sock.settimeout(limits.get().remaining)
        return self.raw.readinto(buffer)

    def close(self) -> None:
        self.raw.close()
        super().close()


class BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp: Any = io.BufferedReader(BoundedReads(self.fp.detach(), sock))


class BoundedConnection(HTTPConnection):
    """A connection that checks the clock before each packet it sends and each read.

    A process may be stopped for minutes between any two of its instructions. So the last check is
    right before the socket is written to: first with the headers, then with the body, without
    which a carrier does nothing.
    """

    response_class: Any = BoundedResponse

    def connect(self) -> None:
        self.timeout = limits.get().remaining
        super().connect()

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        while data:
            # Let other threads run now. One that has waited for the interpreter lock would get it
            # between the clocks and the socket, and the lease could run out meanwhile.
            time.sleep(0)
            try:
                data = data[self._send_now(data) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                wait_for_write(self.sock, limits.get().remaining)
            except ssl.SSLWantReadError:
                wait_for_read(self.sock, limits.get().remaining)

    def _send_now(self, data: bytes) -> int:
        """Send what the socket takes at once, or nothing if it's too late. Return how much.

        With a timeout, a thread first waits for the socket and then for the interpreter lock, and
        the lease can run out meanwhile. So the socket gets none, and there's as little as possible
        between the clocks and the socket.
        """
        self.sock.settimeout(0)
        send_by, send = limits.get().send_by, self.sock.send
        latest, latest_wall = send_by.monotonic, send_by.wall
        if time.time() < latest_wall and time.monotonic() < latest:
            return send(data)
        raise TooLateError


class BoundedSecureConnection(BoundedConnection, HTTPSConnection):
    """A bounded connection over TLS."""


class BoundedPool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class BoundedSecurePool(HTTPSConnectionPool):
    ConnectionCls = BoundedSecureConnection


class BoundedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        return bound(super().proxy_manager_for(proxy, **options))


def bound(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": BoundedPool, "https": BoundedSecurePool}
    return manager

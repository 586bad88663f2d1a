"""HTTP requests that end in time, however slowly a carrier responds.

The timeouts of urllib3 apply to each read of the socket, so a response that drips in never ends.
Here `timeout` applies to the whole request, and nothing is sent once it's too late to begin.
"""

import http.client
import io
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from socket import socket
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    make_headers,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url
from urllib3.util.wait import wait_for_read, wait_for_write

from messaging.carriers import CarrierError
from messaging.carriers.deadlines import Deadline, TooLateError

# Kept open to one host: a worker has many threads for a carrier, and more while it responds slowly.
# Web processes need fewer.
CONNECTIONS = 128
BLOCK = 64 * 1024


class TooLargeError(Exception):
    """A response is larger than what was allowed."""


@dataclass
class Limits:
    """The deadlines of one request: when it must have ended, and when it must have begun."""

    end_by: Deadline
    begin_by: Deadline | None
    # Whether the carrier may have read any of it.
    has_begun: bool = False

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


@contextmanager
def bounded(timeout: float, begin_by: Deadline | None = None) -> Iterator[None]:
    """Set the deadlines of a request, and translate its errors: see `BoundedSession.request`."""
    limit = Limits(Deadline.after(timeout), begin_by)
    token = limits.set(limit)
    try:
        yield
    except TooLateError as error:
        if begin_by and begin_by.has_passed():
            raise
        raise CarrierError("", raw={"fault": "Connecting took too long"}) from error
    except HTTPError as error:
        raise CarrierError("", ambiguous=limit.has_begun, raw={"fault": repr(error)}) from error
    finally:
        limits.reset(token)


def write(response: BaseHTTPResponse, file: IO[bytes], largest: int) -> None:
    """Write the body into the file. Raises TooLargeError."""
    written = 0
    while block := response.read(BLOCK, decode_content=False):
        written += len(block)
        if written > largest:
            raise TooLargeError
        file.write(block)


class BoundedSession:
    """A pool of connections for all threads of a process.

    `use_proxy` takes proxies from the environment: HTTPS_PROXY, HTTP_PROXY, and NO_PROXY.
    Certificates are checked against those of `certifi`, or of the file in SSL_CERT_FILE.
    """

    def __init__(self, *, use_proxy: bool = True) -> None:
        self.use_proxy = use_proxy
        self.managers: dict[tuple[str, str], PoolManager] = {}

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        begin_by: Deadline | None = None,
        **options: Any,
    ) -> BaseHTTPResponse:
        """Send a request that takes `timeout` seconds at most, from connecting to the last byte.

        `options` are those of `urllib3.PoolManager.request`. Redirects aren't followed, because
        they'd take a text and our credentials to another address.

        Raises CarrierError without a complete response, ambiguous if the carrier may have read the
        request, and TooLateError if it didn't begin by `begin_by`.
        """
        with bounded(timeout, begin_by):
            return self._manager(url).request(
                method, url, retries=False, redirect=False, timeout=timeout, **options
            )

    def download(
        self, url: str, file: IO[bytes], *, largest: int, timeout: float, headers: dict[str, str]
    ) -> tuple[int, str]:
        """Write the body of a success into the file, as it comes and without decoding it.

        Return the status, and where a redirect leads, which isn't followed. Raises TooLargeError
        after `largest` bytes, and CarrierError without a complete response in time.
        """
        with bounded(timeout):
            response = self._manager(url).request(
                "GET",
                url,
                retries=False,
                redirect=False,
                timeout=timeout,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            try:
                if 200 <= response.status < 300:
                    write(response, file, largest)
                return response.status, response.headers.get("Location", "")
            finally:
                response.close()

    def _manager(self, url: str) -> PoolManager:
        scheme, host, *_ = urlsplit(url)
        if (scheme, host) not in self.managers:
            self.managers[scheme, host] = open_pools(proxy_for(scheme, host, self.use_proxy))
        return self.managers[scheme, host]


def proxy_for(scheme: str, host: str, use_proxy: bool) -> str:
    """Return the proxy's URL, empty for a direct connection."""
    if not use_proxy or proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all", "")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def open_pools(proxy: str) -> PoolManager:
    options: dict[str, Any] = {
        "maxsize": CONNECTIONS,
        "ca_certs": os.environ.get("SSL_CERT_FILE") or certifi.where(),
    }
    if not proxy:
        return bound(PoolManager(**options))
    login = parse_url(proxy).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    return bound(ProxyManager(proxy, proxy_headers=headers, **options))


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
    # Past a proxy and the TLS handshake, so that what's sent now is the request.
    is_ready = False

    def connect(self) -> None:
        self.is_ready = False
        self.timeout = limits.get().remaining
        super().connect()
        self.is_ready = True

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
        limit = limits.get()
        send_by, send = limit.send_by, self.sock.send
        latest, latest_wall = send_by.monotonic, send_by.wall
        if time.time() < latest_wall and time.monotonic() < latest:
            sent = send(data)
            limit.has_begun |= self.is_ready
            return sent
        raise TooLateError


class BoundedSecureConnection(BoundedConnection, HTTPSConnection):
    """A bounded connection over TLS."""


class BoundedPool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class BoundedSecurePool(HTTPSConnectionPool):
    ConnectionCls = BoundedSecureConnection


def bound(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": BoundedPool, "https": BoundedSecurePool}
    return manager

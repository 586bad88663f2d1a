"""HTTP requests that end in time, however slowly a carrier responds.

The timeouts of urllib3 apply to each read of the socket, so a response that drips in never ends.
Here `timeout` applies to the whole request, and nothing is sent once it's too late to begin.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from socket import socket
from ssl import PROTOCOL_TLS_CLIENT
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPResponse,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    make_headers,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import parse_url

from messaging.carriers import CarrierError
from messaging.carriers.bounded_socket import MARGIN, BoundedContext, BoundedSocket, Limits, limits
from messaging.carriers.deadlines import Deadline, TooLateError

# Kept open to one host: a worker has many threads for a carrier, and more while it responds slowly.
# Web processes need fewer.
CONNECTIONS = 128
BLOCK = 64 * 1024


class TooLargeError(Exception):
    """A response is larger than what was allowed."""


@contextmanager
def bounded(timeout: float, begin_by: Deadline | None = None) -> Iterator[None]:
    """Set the deadlines of a request, and translate its errors: see `BoundedSession.request`."""
    limit = Limits(Deadline.after(timeout), begin_by)
    token = limits.set(limit)
    try:
        yield
    except TooLateError as error:
        if begin_by and begin_by.remaining() < MARGIN:
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
            pools = open_pools(proxy_for(scheme, host, self.use_proxy))
            self.managers.setdefault((scheme, host), pools)
        return self.managers[scheme, host]


def proxy_for(scheme: str, host: str, use_proxy: bool) -> str:
    """Return the proxy's URL, empty for a direct connection."""
    if not use_proxy or proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all", "")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


@cache
def trusting(certificates: str) -> BoundedContext:
    """Return a context that trusts those of a file. Reading it takes 20 ms or more.

    Raises SSLError.
    """
    context = BoundedContext(PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(certificates)
    except OSError as error:
        raise SSLError(error) from error
    return context


def open_pools(proxy: str) -> PoolManager:
    context = trusting(os.environ.get("SSL_CERT_FILE") or certifi.where())
    options: dict[str, Any] = {"maxsize": CONNECTIONS, "ssl_context": context}
    if not proxy:
        return bound(PoolManager(**options))
    login = parse_url(proxy).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    options |= {"proxy_headers": headers, "proxy_ssl_context": context}
    return bound(ProxyManager(proxy, **options))


class BoundedConnection(HTTPConnection):
    """A connection over a bounded socket.

    It gets the headers first and then the body, without which a carrier does nothing.
    """

    def connect(self) -> None:
        self.timeout = limits.get().remaining
        super().connect()
        self.bounded.is_ready = True

    def _new_conn(self) -> socket:
        self.bounded = BoundedSocket.of(super()._new_conn())
        return self.bounded

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3 has it
        limits.get().mark_sent()
        return super().getresponse()


class BoundedSecureConnection(BoundedConnection, HTTPSConnection):
    """A bounded connection over TLS."""


class BoundedPool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class BoundedSecurePool(HTTPSConnectionPool):
    ConnectionCls = BoundedSecureConnection


def bound(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": BoundedPool, "https": BoundedSecurePool}
    return manager

"""Nothing is sent too late, whenever a process is frozen, and through any proxy."""

import io
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from messaging.carriers.deadlines import Deadline
from messaging.carriers.session import BoundedSession
from tests.faults.workers import ROOT
from tests.messaging.carriers.contract.small_server import SmallServer, http

Certificate = tuple[str, str]


@pytest.fixture(params=["plain", "TLS"])
def carrier(
    request: pytest.FixtureRequest, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallServer]:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with SmallServer(certificate if request.param == "TLS" else None) as server:
        server.always(http(200, b"{}"))
        yield server


def url(carrier: SmallServer) -> str:
    return f"{carrier.url.replace('127.0.0.1', 'localhost')}/texts"


@pytest.mark.parametrize(("begin_by", "ends_with"), [(0.5, -signal.SIGALRM), (60, 0)])
def test_a_process_frozen_between_the_clock_and_the_write(
    carrier: SmallServer, begin_by: float, ends_with: int
) -> None:
    """It sends when it resumes in time. Otherwise it ends."""
    command = [sys.executable, "-m", "tests.messaging.carriers.frozen_sender", url(carrier)]
    process = subprocess.Popen([*command, str(begin_by)], cwd=ROOT)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    if ends_with:
        time.sleep(begin_by)
    process.send_signal(signal.SIGCONT)
    assert process.wait(30) == ends_with
    arrived = [request.body for request in carrier.requests if request.body]
    assert arrived == ([] if ends_with else [b"Hello"])


class Tunnel(StreamRequestHandler):
    """Pass on what comes after a CONNECT."""

    def handle(self) -> None:
        with suppress(OSError):
            host, _, port = self.rfile.readline().split()[1].decode().partition(":")
            while self.rfile.readline().strip():
                pass
            with socket.create_connection((host, int(port))) as there:
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                answer = there.makefile("rb", 0)
                back = threading.Thread(target=self.copy, args=(answer, self.wfile))
                back.start()
                self.copy(self.connection.makefile("rb", 0), there.makefile("wb", 0))
                there.shutdown(socket.SHUT_RDWR)
                back.join()

    @staticmethod
    def copy(source: io.RawIOBase, target: io.RawIOBase) -> None:
        with suppress(OSError, ValueError):
            while data := source.read(65536):
                target.write(data)


class Proxy(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@pytest.fixture(params=["http", "https"])
def proxy(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[str]:
    """Run a proxy that only opens tunnels. Return its URL."""
    server = Proxy(("127.0.0.1", 0), Tunnel)
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"{request.param}://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_tls_through_a_proxy(
    proxy: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    session = BoundedSession()
    with SmallServer(certificate) as carrier:
        large = json.dumps("x" * 100_000).encode()
        carrier.always(http(200, large))
        for _ in range(2):
            answer = session.request(
                "POST", url(carrier), body=large, timeout=10, begin_by=Deadline.after(5)
            )
            assert answer.data == large
        carrier.always(http(200, large, Connection="close"))
        assert session.request("GET", url(carrier), timeout=10).data == large
        assert len(carrier.connections) == 1
        assert carrier.requests[0].body == large

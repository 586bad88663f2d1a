"""A small HTTP server that plays a carrier's API, and breaks off in any way a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class ApiRequest:
    method: str
    target: str
    # By lowercase name.
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(frozen=True)
class Reply:
    """What the server sends, and what it does then."""

    content: bytes = b""
    closes: bool = False
    # Keep the connection open and say nothing more until the test is over.
    hangs: bool = False

    def cut(self, length: int = -10) -> "Reply":
        """Return this reply without its end. The server closes the connection instead."""
        return Reply(self.content[:length], closes=True)


HANGS, CLOSES = Reply(hangs=True), Reply(closes=True)


def http(status: int, body: bytes = b"", **headers: str) -> Reply:
    """Return a response. Underscores in names of headers stand for hyphens."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return Reply("\r\n".join([f"HTTP/1.1 {status} Status", *lines, "", ""]).encode() + body)


class Handler(StreamRequestHandler):
    server: "SmallServer"

    def handle(self) -> None:
        with suppress(OSError):  # the client hung up, or refused our certificate
            self.server.connections.append(self.connection)
            while (request := self.read()) and not self.answer(request).closes:
                pass

    def read(self) -> ApiRequest | None:
        first = self.rfile.readline().decode("latin-1").split()
        if len(first) != 3:
            return None
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return ApiRequest(first[0], first[1], headers, body)

    def answer(self, request: ApiRequest) -> Reply:
        self.server.requests.append(request)
        reply = self.server.respond(request)
        self.wfile.write(reply.content)
        if reply.hangs:
            self.server.stopped.wait(10)
        return reply


def no_content(_: ApiRequest) -> Reply:
    return http(204)


class SmallServer(ThreadingTCPServer):
    """Records requests, and responds as `respond` says. Pass a certificate and its key for TLS."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, certificate: tuple[str, str] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.respond: Callable[[ApiRequest], Reply] = no_content
        self.requests: list[ApiRequest] = []
        self.connections: list[socket.socket] = []
        self.stopped = threading.Event()
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def always(self, reply: Reply) -> None:
        self.respond = lambda _: reply

    def hang_up(self) -> None:
        """Close all connections, as carriers do with idle ones."""
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.connections.clear()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: clients break off on purpose."""

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.thread.join()
        self.hang_up()
        self.server_close()

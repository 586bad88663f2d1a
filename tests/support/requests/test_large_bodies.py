"""Test the real web server, as started by `manage.py run`, with bodies of two gigabytes."""

import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from smscenter.management.commands.run import commands
from tests import fork_server

pytestmark = pytest.mark.once
TWO_GIGABYTES = 2 * 1024**3
MEGABYTE = 1024**2
# With a cookie, Django looks for the CSRF token in the body.
FORM = {
    "Content-Type": "multipart/form-data; boundary=x",
    "Cookie": "csrftoken=" + "a" * 32,
}
# The size of the connection's buffers, which fill before the server responds.
MAX_SENT = 64 * MEGABYTE
# A worker starts with about 100 MB.
MAX_MEMORY = 200 * MEGABYTE


@dataclass(frozen=True)
class Response:
    head: str
    sent: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Return the port and process of the server. These tests never reach the database."""
    port, folder = free_port(), tmp_path_factory.mktemp("large")
    environment = os.environ | {"TMPDIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/none"}
    _, *arguments = commands("127.0.0.1", port, 0)["web"]
    process = fork_server.Process(arguments, environment)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    yield port, process.pid
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def memory(pid: int) -> int:
    """Return the peak memory of all processes of this server, in bytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    peaks = [Path(f"/proc/{child}/status").read_text() for child in children]
    lines = [line for peak in peaks for line in peak.splitlines() if line.startswith("VmHWM")]
    return max(int(line.split()[1]) for line in lines) * 1024


def stream(port: int, headers: Mapping[str, str], block: bytes, *, listens: bool) -> Response:
    """Send two gigabytes, or less if the server closes. `listens` reads the response first."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    sent, head = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"POST /help/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
        with suppress(ConnectionError):
            head = connection.recv(4096) if listens else b""
            while sent < TWO_GIGABYTES:
                connection.sendall(block)
                sent += len(block)
    return Response(head.decode(), sent)


def test_a_large_content_length_is_rejected_immediately(server: tuple[int, int]) -> None:
    port, pid = server
    headers = FORM | {"Content-Length": str(TWO_GIGABYTES)}
    response = stream(port, headers, b"x" * MEGABYTE, listens=True)
    assert response.head.startswith("HTTP/1.1 413 ")
    assert response.sent < MAX_SENT
    assert memory(pid) < MAX_MEMORY


@pytest.mark.parametrize(
    ("headers", "block"),
    [
        ({"Transfer-Encoding": "chunked"}, b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"),
        ({"Content-Length": str(MEGABYTE)}, b"x" * MEGABYTE),
    ],
)
def test_a_large_chunked_body_is_rejected(
    server: tuple[int, int], headers: dict[str, str], block: bytes
) -> None:
    port, pid = server
    response = stream(port, FORM | headers, block, listens=False)
    assert response.sent < MAX_SENT
    assert memory(pid) < MAX_MEMORY


def test_the_server_still_responds_and_leaves_no_files(
    server: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    port, _ = server
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
    folders = tmp_path_factory.getbasetemp().glob("large*")
    assert not [path for folder in folders for path in folder.glob("*.upload*")]

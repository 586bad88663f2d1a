"""A carrier that responds byte by byte can't keep a worker longer than its timeout."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.carriers import Carrier, CarrierError, OutgoingSms
from messaging.carriers.bounded_socket import BoundedSocket
from messaging.carriers.deadlines import Deadline, TooLateError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from tests.faults.keyless import Keyless
from tests.messaging.carriers.conftest import MakeSms

pytestmark = pytest.mark.once
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
TIMEOUT = 0.6


class SlowServer:
    """Send `at_once`, then one byte at a time until the client hangs up."""

    def __init__(self, at_once: bytes) -> None:
        self.at_once = at_once
        self.received = b""
        self.stopped = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self) -> None:
        try:
            connection, _ = self.socket.accept()
        except OSError:
            return
        with connection:
            self.received = connection.recv(65536)
            try:
                connection.sendall(self.at_once)
                while not self.stopped.wait(0.1):
                    connection.sendall(b"a")
            except OSError:
                return

    def __enter__(self) -> "SlowServer":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopped.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


@pytest.fixture(
    params=[b"", b"HTTP/1.1 201 Created\r\nX-Long: ", HEAD], ids=["status", "headers", "body"]
)
def slow_server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[SlowServer]:
    settings.CARRIER_TIMEOUT_SECONDS = TIMEOUT
    with SlowServer(request.param) as server:
        settings.SANDBOX_URL = server.url
        yield server


def send(carrier: Carrier, sms: OutgoingSms) -> object:
    return carrier.send(sms)


def find(carrier: Carrier, sms: OutgoingSms) -> object:
    return carrier.find(sms, timezone.now())


def whitelist(carrier: Carrier, sms: OutgoingSms) -> None:
    carrier.whitelist([sms.sender])


@pytest.mark.parametrize("carrier", [Sandbox, Keyless])
@pytest.mark.parametrize("request_", [send, find, whitelist])
def test_a_slow_response_is_cut_off(
    slow_server: SlowServer,
    make_sms: MakeSms,
    carrier: type[Sandbox],
    request_: Callable[[Carrier, OutgoingSms], object],
) -> None:
    adapter = carrier()
    before = time.monotonic()
    with pytest.raises(CarrierError) as cut_off:
        request_(adapter, make_sms())
    assert time.monotonic() - before < TIMEOUT + 5
    assert slow_server.received
    if request_ is send:
        assert cut_off.value.ambiguous


def test_nothing_is_sent_after_the_deadline(settings: Settings, make_sms: MakeSms) -> None:
    with SlowServer(HEAD) as server:
        settings.SANDBOX_URL = server.url
        sms = make_sms()
        late = OutgoingSms(sms.key, sms.sender, sms.to, sms.text, begin_by=Deadline.after(-0.001))
        for carrier in (Sandbox(), Keyless()):
            with pytest.raises(TooLateError):
                carrier.send(late)
        assert server.received == b""


def test_the_body_is_not_sent_if_the_process_was_frozen_after_the_headers(
    settings: Settings, make_sms: MakeSms, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CARRIER_TIMEOUT_SECONDS = 5
    send_now = BoundedSocket._send_now

    def send_then_freeze(self: BoundedSocket, data: bytes, flags: int) -> int:
        sent = send_now(self, data, flags)
        if data.startswith(b"POST"):
            time.sleep(1.6)
        return sent

    with SlowServer(HEAD) as server:
        settings.SANDBOX_URL = server.url
        monkeypatch.setattr(BoundedSocket, "_send_now", send_then_freeze)
        sms = make_sms("Never")
        late = OutgoingSms(sms.key, sms.sender, sms.to, sms.text, begin_by=Deadline.after(1.5))
        with pytest.raises(TooLateError):
            Keyless().send(late)
        assert server.received.startswith(b"POST")
        assert b"Never" not in server.received


def test_a_deadline_passes_on_either_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    deadline = Deadline.after(60)
    assert not deadline.has_passed()
    for clock in ("monotonic", "time"):
        with monkeypatch.context() as patched:
            now = getattr(time, clock)()
            patched.setattr(f"messaging.carriers.deadlines.time.{clock}", lambda now=now: now + 61)
            assert deadline.has_passed()

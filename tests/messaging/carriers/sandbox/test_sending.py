"""Send texts to the sandbox through real HTTP."""

import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from messaging.carriers import CarrierError
from messaging.carriers.sandbox.adapter import Adapter as Sandbox
from messaging.carriers.sandbox.numbers import WORDS
from messaging.carriers.sandbox.server import SandboxServer
from tests.messaging.carriers.conftest import MakeSms
from tests.messaging.carriers.listener import Listener

pytestmark = pytest.mark.once
TIMES_OUT = "+15005550151"


def test_an_accepted_text_gets_an_id(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    accepted = sandbox.send(make_sms("Grüße 😀\nbis morgen"))
    (text,) = server.messages
    assert accepted.carrier_id == text.sid
    assert text.body == "Grüße 😀\nbis morgen"
    assert accepted.raw["status"] == "queued"
    assert accepted.raw["num_segments"] == "1"


def test_the_callback_url_names_the_attempt(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms, listener: Listener
) -> None:
    sms = make_sms()
    sandbox.send(sms)
    expected = f"{listener.url}/webhooks/sandbox/status/?attempt={sms.key}"
    assert server.messages[0].callback == expected


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
        ("12345", 21211),
        ("", 21604),
    ],
)
def test_a_refused_recipient_is_a_permanent_error(
    sandbox: Sandbox, make_sms: MakeSms, to: str, code: int
) -> None:
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms(to=to))
    error = refused.value
    assert (error.code, error.words) == (str(code), WORDS[code])
    assert error.permanent
    assert not error.ambiguous
    assert error.raw["status"] == 400


def test_a_text_can_come_from_a_short_code(sandbox: Sandbox, make_sms: MakeSms) -> None:
    assert sandbox.send(make_sms(sender="72975")).carrier_id


@pytest.mark.parametrize(
    ("sender", "code"), [("+15005550001", 21212), ("+15005550007", 21606), ("Acme", 21612)]
)
def test_a_refused_sender_is_a_permanent_error(
    sandbox: Sandbox, make_sms: MakeSms, sender: str, code: int
) -> None:
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms(sender=sender))
    assert (refused.value.code, refused.value.permanent) == (str(code), True)


def test_a_text_that_is_too_long_is_refused(sandbox: Sandbox, make_sms: MakeSms) -> None:
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms("a" * 1601))
    assert refused.value.code == "21617"


@pytest.mark.parametrize(
    "numbers", [{"to": "+15005550152"}, {"sender": "+15005550008"}], ids=["account", "sender"]
)
def test_a_rate_limit_is_a_temporary_error(
    sandbox: Sandbox, make_sms: MakeSms, numbers: dict[str, str]
) -> None:
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms(**numbers))
    assert not refused.value.permanent
    assert not refused.value.ambiguous


def test_a_server_error_is_ambiguous(sandbox: Sandbox, make_sms: MakeSms) -> None:
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms(to="+15005550150"))
    assert (refused.value.code, refused.value.ambiguous) == ("20503", True)


def test_wrong_credentials_are_a_permanent_error(
    settings: Settings, sandbox: Sandbox, make_sms: MakeSms
) -> None:
    settings.SANDBOX_ACCOUNT_SID = "AC" + "0" * 32
    with pytest.raises(CarrierError) as refused:
        sandbox.send(make_sms())
    assert (refused.value.code, refused.value.permanent) == ("20003", True)


def test_a_timeout_is_ambiguous(
    settings: Settings, sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    settings.CARRIER_TIMEOUT_SECONDS = 0.3
    with pytest.raises(CarrierError) as lost:
        sandbox.send(make_sms(to=TIMES_OUT))
    assert lost.value.ambiguous
    assert not lost.value.permanent
    assert lost.value.words == ""
    assert "timed out" in lost.value.raw["fault"]
    assert len(server.messages) == 1


def test_a_repeated_key_sends_one_text(
    settings: Settings, sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    settings.CARRIER_TIMEOUT_SECONDS = 0.3
    sms = make_sms(to=TIMES_OUT)
    with pytest.raises(CarrierError):
        sandbox.send(sms)
    repeated = sandbox.send(sms)
    assert [text.sid for text in server.messages] == [repeated.carrier_id]
    assert server.network.texts_of_key == {str(sms.key): 1}


def test_simultaneous_requests_with_one_key_send_one_text(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    sms = make_sms()
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(sandbox.send, [sms] * 16))
    assert len({accepted.carrier_id for accepted in results}) == 1
    assert len(server.messages) == 1


def test_another_key_sends_another_text(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    assert sandbox.send(make_sms()).carrier_id != sandbox.send(make_sms()).carrier_id
    assert len(server.messages) == 2


def test_threads_get_their_own_responses(
    sandbox: Sandbox, server: SandboxServer, make_sms: MakeSms
) -> None:
    texts = [make_sms(f"Text {number}", key=uuid.UUID(int=number)) for number in range(100)]
    with ThreadPoolExecutor(20) as threads:
        results = list(threads.map(sandbox.send, texts))
    sids = {text.key: text.sid for text in server.messages}
    assert [accepted.carrier_id for accepted in results] == [sids[str(sms.key)] for sms in texts]
    assert [accepted.raw["body"] for accepted in results] == [sms.text for sms in texts]


def test_a_refused_connection_is_a_temporary_error(settings: Settings, make_sms: MakeSms) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.SANDBOX_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(CarrierError) as refused:
            Sandbox().send(make_sms())
    assert not refused.value.ambiguous
    assert not refused.value.permanent


def test_an_unknown_host_is_not_ambiguous(settings: Settings, make_sms: MakeSms) -> None:
    settings.SANDBOX_URL = "http://sandbox.invalid"
    with pytest.raises(CarrierError) as refused:
        Sandbox().send(make_sms())
    assert not refused.value.ambiguous


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nsomething",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nsomething",
    ],
    ids=["reset", "cut off", "no JSON", "a proxy's"],
)
def test_an_unreadable_response_is_ambiguous(
    settings: Settings, make_sms: MakeSms, response: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broken, ThreadPoolExecutor(1) as thread:
        broken.settimeout(5)
        settings.SANDBOX_URL = f"http://127.0.0.1:{broken.getsockname()[1]}"
        thread.submit(respond_once, broken, response)
        with pytest.raises(CarrierError) as lost:
            Sandbox().send(make_sms())
    assert lost.value.ambiguous
    assert (lost.value.code, lost.value.words) == ("", "")


def respond_once(server: socket.socket, response: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(response)

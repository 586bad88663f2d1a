import os
import re
import signal
import socket
from collections.abc import Iterator

import pytest
import requests
from django.core.management import CommandError, call_command

from tests import fork_server
from tests.faults.workers import wait_until

pytestmark = pytest.mark.once


@pytest.fixture
def _signals() -> Iterator[None]:
    """Restore the signal handlers that the command sets."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_command_starts_and_stops_the_sandbox() -> None:
    process = fork_server.Process(
        ["manage.py", "sandbox", "--port=0", "--delay=0.5", "--seed=1"], dict(os.environ)
    )
    try:
        wait_until(lambda: "\n" in process.out.read_text())
        address = re.search(r"http://\S+", process.out.read_text())
        assert address is not None
        control = requests.get(f"{address[0]}/control/", timeout=30).json()
        assert control["delay"] == 0.5
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.usefixtures("_signals")
def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Can.t use port {port}"):
            call_command("sandbox", port=port)

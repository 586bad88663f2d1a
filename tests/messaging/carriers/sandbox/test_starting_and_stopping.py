import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from django.conf import settings
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.once


@pytest.fixture
def _signals() -> Iterator[None]:
    """Restore the signal handlers that the command sets."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_command_starts_and_stops_the_sandbox() -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port=0", "--delay=0.5", "--seed=1"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        control = requests.get(f"{address[0]}/control/", timeout=30).json()
        assert control["delay"] == 0.5
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.usefixtures("_signals")
def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Can.t use port {port}"):
            call_command("sandbox", port=port)

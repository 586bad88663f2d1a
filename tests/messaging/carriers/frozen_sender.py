"""Send a text, frozen between the last look at the clock and the write: the worst moment.

Usage: `python -m tests.messaging.carriers.frozen_sender URL SECONDS`. That many seconds later, it's
too late to begin.
"""

import os
import signal
import sys
from typing import Any
from unittest.mock import patch

from messaging.carriers import bounded_socket
from messaging.carriers.deadlines import Deadline
from messaging.carriers.session import BoundedConnection, BoundedSession

c_send = bounded_socket.c_send
send = BoundedConnection.send


def send_and_freeze(self: BoundedConnection, data: Any) -> None:
    if data == b"Hello":
        bounded_socket.limits.get().begin_by = Deadline.after(float(sys.argv[2]))
        patch.object(bounded_socket, "c_send", freeze_and_send).start()
    send(self, data)


def freeze_and_send(*arguments: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)
    return c_send(*arguments)


if __name__ == "__main__":
    patch.object(BoundedConnection, "send", send_and_freeze).start()
    BoundedSession(use_proxy=False).request("POST", sys.argv[1], body=b"Hello", timeout=30)

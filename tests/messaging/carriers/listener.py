"""Receive a carrier's callbacks, so that a test can check and refuse them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.test import RequestFactory


@dataclass(frozen=True)
class ReceivedRequest:
    path: str
    body: str
    signature: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def request(self) -> HttpRequest:
        return RequestFactory().post(
            self.path,
            self.body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": self.signature},
        )


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.requests.append(
            ReceivedRequest(self.path, body, self.headers["X-Twilio-Signature"])
        )
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if statuses else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[ReceivedRequest] = []
        self.statuses: list[int] = []


class Listener:
    """Record requests. Respond with `statuses` to the next ones, then with 200."""

    def __init__(self) -> None:
        self.server = Server()
        self.requests, self.statuses = self.server.requests, self.server.statuses
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def states(self, carrier_id: str) -> list[str]:
        forms = [request.form for request in self.requests]
        return [
            form["MessageStatus"]
            for form in forms
            if form["MessageSid"] == carrier_id and "MessageStatus" in form
        ]

    def texts(self) -> list[tuple[str, str]]:
        """Return the sender and body of each incoming text."""
        forms = [request.form for request in self.requests]
        return [(form["From"], form["Body"]) for form in forms if "Body" in form]


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Poll until the condition holds. Fail when it takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "The condition didn't hold in time."
        time.sleep(0.01)

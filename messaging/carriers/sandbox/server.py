"""The sandbox's HTTP server: Twilio's Messages API, and a small API to control the sandbox."""

import json
import re
import secrets
import socket
import threading
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.urls import reverse

from messaging.carriers.sandbox import api, numbers, pictures, spam
from messaging.carriers.sandbox.courier import WORKERS, Control, Courier
from messaging.carriers.sandbox.network import Network, Refused, Text
from messaging.carriers.sandbox.scheduler import Scheduler

# How long a connection may idle, in seconds.
IDLE = 120
LARGEST_BODY = 100_000
MOST_PICTURES = 10

MESSAGES = r"/2010-04-01/Accounts/\w+/Messages"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], network: Network, auth_token: str) -> None:
        self.network = network
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        credentials = b64encode(f"{network.account_sid}:{auth_token}".encode()).decode()
        self.authorization = f"Basic {credentials}"
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.connections.discard(request)

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            self.shutdown_request(connection)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE
    # Send each response as one packet, right away.
    wbufsize = -1
    disable_nagle_algorithm = True

    ROUTES: ClassVar[list[tuple[str, re.Pattern[str], str]]] = [
        ("POST", re.compile(rf"{MESSAGES}\.json"), "create_text"),
        ("GET", re.compile(rf"{MESSAGES}\.json"), "list_texts"),
        ("GET", re.compile(rf"{MESSAGES}/(?P<sid>\w+)\.json"), "fetch_text"),
        ("GET", re.compile(rf"{MESSAGES}/(?P<sid>\w+)/Media/(?P<name>\w+)"), "fetch_picture"),
        ("GET", re.compile(r"/control/"), "show_control"),
        ("PATCH", re.compile(r"/control/"), "change_control"),
        ("GET", re.compile(r"/control/messages"), "show_messages"),
        ("POST", re.compile(r"/control/incoming"), "receive"),
        ("GET", re.compile(r"/"), "document"),
    ]

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def do_PATCH(self) -> None:
        self.respond()

    def respond(self) -> None:
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query))
        try:
            self.body = self.read_body()
            if url.path.startswith("/2010-04-01/"):
                self.authenticate()
            self.route(url.path)
        except Refused as error:
            self.answer(api.refusal(error), error.status)
        except ValueError as error:
            self.answer({"message": str(error)}, HTTPStatus.BAD_REQUEST)

    def read_body(self) -> str:
        length = int(self.headers.get("Content-Length", 0))
        if length > LARGEST_BODY:
            self.close_connection = True
            raise ValueError("The request is too large.")
        return self.rfile.read(length).decode()

    def authenticate(self) -> None:
        given = self.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), self.server.authorization.encode()):
            raise Refused(401, 20003)
        self.network.check_health()

    def route(self, path: str) -> None:
        for method, pattern, name in self.ROUTES:
            match = pattern.fullmatch(path)
            if match and method == self.command:
                getattr(self, name)(**match.groupdict())
                return
        raise Refused(404, 20404)

    def answer(self, content: Any, status: int = HTTPStatus.OK) -> None:
        self.write(json.dumps(content).encode(), "application/json; charset=utf-8", status)

    def write(self, content: bytes, content_type: str, status: int = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name in the library)
        """Log nothing: phone numbers and texts don't belong in a log."""

    # --- Twilio's API ----------------------------------------------------------------------------

    @property
    def network(self) -> Network:
        return self.server.network

    def create_text(self) -> None:
        form = dict(parse_qsl(self.body, keep_blank_values=True))
        text, is_new = self.network.accept(form, self.headers.get("Idempotency-Key", ""))
        if is_new and text.behavior.hangs:
            self.server.stopping.wait(self.network.control.hang)
            self.close_connection = True
            return
        self.answer(api.as_json(text, self.network.account_sid), HTTPStatus.CREATED)

    def list_texts(self) -> None:
        texts = self.network.newest(self.query.get("To", ""), self.query.get("From", ""))
        self.answer(api.page(texts, self.query, self.network.account_sid))

    def fetch_text(self, sid: str) -> None:
        text = self.network.texts.get(sid)
        if text is None:
            raise Refused(404, 20404)
        self.answer(api.as_json(text, self.network.account_sid))

    def fetch_picture(self, sid: str, name: str) -> None:
        self.write(pictures.draw(sid + name), "image/png")

    # --- The control API -------------------------------------------------------------------------

    def document(self) -> None:
        content = f"{numbers.documentation()}\n{spam.documentation()}"
        self.write(content.encode(), "text/plain; charset=utf-8")

    def show_control(self) -> None:
        self.answer(vars(self.network.control))

    def change_control(self) -> None:
        self.network.control.change(self.read_json())
        self.show_control()

    def show_messages(self) -> None:
        """Respond with all accepted texts, oldest first, and their number per idempotency key."""
        account_sid = self.network.account_sid
        texts = [
            {**api.as_json(text, account_sid), "idempotency_key": text.key}
            for text in reversed(self.network.newest())
        ]
        self.answer({"messages": texts, "texts_of_key": dict(self.network.texts_of_key)})

    def receive(self) -> None:
        """Text one of our numbers as a person: `{"from", "to", "body"}`, and `"pictures": 1`."""
        sms = self.read_json()
        if {type(sms.get(name)) for name in ("from", "to", "body")} != {str}:
            raise ValueError("Send from, to, and body as text.")
        number = sms.get("pictures", 0)
        if type(number) is not int or not 0 <= number <= MOST_PICTURES:
            raise ValueError(f"Send up to {MOST_PICTURES} pictures.")
        sid = self.network.say(sms["from"], sms["to"], sms["body"], pictures=number)
        self.answer({"sid": sid}, HTTPStatus.CREATED)

    def read_json(self) -> Mapping[str, Any]:
        content = json.loads(self.body or "{}")
        if not isinstance(content, dict):
            raise ValueError("Send a JSON object.")  # noqa: TRY004 (of the request, not of code)
        return content


class SandboxServer:
    """The whole sandbox, running during the `with` block. Port 0 takes a free one.

    People's answers go to `inbound_url`, or to the sandbox's webhook under `callback_base`, which
    defaults to PUBLIC_URL. With the same `seed`, chances and IDs are the same.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        callback_base: str = "",
        inbound_url: str = "",
        control: Control | None = None,
        seed: int | None = None,
    ) -> None:
        base = callback_base or settings.PUBLIC_URL
        seed = secrets.randbits(32) if seed is None else seed
        self.control = control or Control()
        self.scheduler = Scheduler(WORKERS)
        self.courier = Courier(
            self.scheduler, self.control, token=settings.SANDBOX_AUTH_TOKEN, seed=seed
        )
        self.network = Network(
            self.scheduler,
            self.courier,
            account_sid=settings.SANDBOX_ACCOUNT_SID,
            inbound_url=inbound_url or base + reverse("webhook_inbound", args=["sandbox"]),
        )
        self.server = Server(("127.0.0.1", port), self.network, settings.SANDBOX_AUTH_TOKEN)
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def messages(self) -> list[Text]:
        """Return all accepted texts, oldest first."""
        return self.network.newest()[::-1]

    def __enter__(self) -> Self:
        self.scheduler.start()
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.stop()
        self.thread.join()
        self.scheduler.stop()
        self.courier.close()

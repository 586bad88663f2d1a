"""A carrier in a process of its own: accepts texts, and reports on each over nginx.

`python -m benchmarks.production.carrier` reads its configuration from standard input. It counts
what it got, and answers `GET /counts` with it.
"""

import asyncio
import json
import random
import ssl
import sys
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.production.client import Connection
from messaging.carriers.twilio_protocol import signatures

DELAY = 0.05  # seconds until a text is accepted
REPORTED_AFTER = (0.5, 3.0)  # seconds
REPLY_EVERY = 50  # texts
CONNECTIONS = 20
AGAIN_AFTER = 1.0  # seconds, after an error
INBOUND = "/webhooks/sandbox/inbound/"


class Carrier:
    def __init__(self, configuration: dict[str, Any]) -> None:
        self.token: str = configuration["token"]
        self.account: str = configuration["account"]
        self.url: str = configuration["url"]
        self.reports_each: float = configuration["reports_each"]
        tls = ssl.create_default_context(cafile=configuration["certificate"])
        port = urlsplit(self.url).port or 443
        self.connections = [Connection(port, tls) for _ in range(CONNECTIONS)]
        self.callbacks: asyncio.Queue[tuple[str, str, dict[str, str]]] = asyncio.Queue()
        self.unanswered = 0
        self.keys: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {"report": [], "reply": []}
        self.chance = random.Random(7)
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(
                    line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:] if line
                )
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                answer = await self.answer(head, headers, body)
                data = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(data), data)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, head: bytes, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if head.startswith(b"GET /counts"):
            return self.counts()
        if head.startswith(b"GET"):
            return {"messages": [], "next_page_uri": None}
        if not head.startswith(b"POST"):
            return {}  # the list of whitelisted numbers
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        key = headers["idempotency-key"]
        self.keys[key] += 1
        sid = f"SM{key.replace('-', '')}"
        await asyncio.sleep(DELAY)
        self.start(self.report(sid, form))
        return {"sid": sid, "status": "queued"}

    def start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def report(self, sid: str, form: dict[str, str]) -> None:
        """Report on a text as often as configured, and reply to some."""
        address = form["StatusCallback"].removeprefix(self.url)
        people = {"AccountSid": self.account, "From": form["From"], "To": form["To"]}
        extra = self.reports_each - 1
        states = ["sent"] if self.chance.random() < extra else []
        states += ["delivered"] if self.chance.random() < self.reports_each else []
        for state in states:
            await asyncio.sleep(self.chance.uniform(*REPORTED_AFTER))
            values = {**people, "MessageSid": sid, "MessageStatus": state}
            self.put("report", address, values)
        if self.chance.random() < 1 / REPLY_EVERY:
            values = {"AccountSid": self.account, "From": form["To"], "To": form["From"]}
            values |= {"MessageSid": f"R{sid}", "Body": "Yes, that suits me. Thank you!"}
            self.put("reply", INBOUND, values)

    def put(self, kind: str, address: str, values: dict[str, str]) -> None:
        self.unanswered += 1
        self.callbacks.put_nowait((kind, address, values))

    async def call(self, connection: Connection) -> None:
        """Send callbacks over this connection, each until it's taken."""
        while True:
            kind, address, values = await self.callbacks.get()
            params = {name: [value] for name, value in values.items()}
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                signatures.HEADER: signatures.sign(self.token, self.url + address, params),
            }
            body = urlencode(values).encode()
            try:
                response = await connection.request("POST", address, headers, body)
                self.seconds[kind].append(response.seconds)
                error = "" if response.status < 300 else str(response.status)
            except (OSError, asyncio.IncompleteReadError) as failure:
                error = type(failure).__name__
            if error:
                self.errors[f"{kind}: {error}"] += 1
                await asyncio.sleep(AGAIN_AFTER)
                self.put(kind, address, values)
            self.unanswered -= 1

    def counts(self) -> dict[str, Any]:
        return {
            "texts": len(self.keys),
            "requests": self.keys.total(),
            "waiting": self.unanswered + len(self.tasks),
            "errors": self.errors,
            "seconds": self.seconds,
        }


async def main() -> None:
    configuration = json.loads(sys.stdin.readline())
    carrier = Carrier(configuration)
    callers = [asyncio.create_task(carrier.call(each)) for each in carrier.connections]
    server = await asyncio.start_server(
        carrier.serve, "127.0.0.1", configuration["port"], backlog=256
    )
    await asyncio.gather(server.serve_forever(), *callers)


if __name__ == "__main__":
    asyncio.run(main())

"""People at their browsers, in a process of its own: `python -m benchmarks.production.people`.

It reads its configuration from standard input, and prints what it measured as JSON at the end.
"""

import asyncio
import json
import random
import re
import ssl
import sys
from collections import Counter, defaultdict
from html import unescape
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.production.client import Connection, Response

LEAD = re.compile(rb'href="(/leads/\d+/(?:\?[^"]*)?)"')
TEXT = re.compile(rb'href="(/messages/\d+/(?:\?[^"]*)?)"')
THREAD = re.compile(rb'hx-get="(/inbox/\d+/[^"]*)"')
NEXT = re.compile(rb'rel="next" href="([^"]+)"')
PART = re.compile(rb'hx-get="([^"]+)"[^>]*?hx-trigger="(load[^"]*|every [^"]+)"')
DELAY = re.compile(rb"(\d+(?:\.\d+)?)(m?)s")
# Like a browser with a keyboard: one request for every other letter.
LETTERS = 2
TYPING = 0.3  # seconds between them
MOST_PARTS = 30
ENCODING = {"Accept-Encoding": "gzip", "Accept": "text/html"}


class Measured:
    """Count pages by kind, with their times and errors."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()

    def as_json(self) -> str:
        return json.dumps({"seconds": self.seconds, "errors": self.errors})


class Person:
    """Opens one page after another, and reads each."""

    def __init__(self, configuration: dict[str, Any], number: int, measured: Measured) -> None:
        self.measured = measured
        self.chance = random.Random(number)
        self.think: list[float] = configuration["think"]
        self.searches: list[str] = configuration["searches"]
        self.text_searches: list[str] = configuration["text_searches"]
        tls = ssl.create_default_context(cafile=configuration["certificate"])
        self.port: int = configuration["port"]
        self.page, self.part = (Connection(self.port, tls) for _ in range(2))
        self.cookie: str = configuration["cookies"][number]
        self.list = b""
        self.number = number

    async def work(self, until: float) -> None:
        """Start at a random moment, and go on until then."""
        await asyncio.sleep(self.chance.uniform(0, self.think[1]))
        kinds = {
            self.browse: 20,
            self.next_page: 10,
            self.search: 25,
            self.open_lead: 25,
            self.texts: 8,
            self.open_text: 6,
            self.inbox: 6,
        }
        while perf_counter() < until:
            [visit] = self.chance.choices(list(kinds), list(kinds.values()))
            await visit()

    async def browse(self) -> None:
        self.list = await self.visit("leads", "/leads/")

    async def next_page(self) -> None:
        if found := NEXT.search(self.list):
            path = unescape(found[1].decode())
            path = path if path.startswith("/") else f"/leads/{path}"
            self.list = await self.visit("next page", path)
        else:
            await self.browse()

    async def search(self) -> None:
        text = self.chance.choice(self.searches)
        for end in range(LETTERS, min(len(text), 12), LETTERS):
            query = urlencode({"model": "lead", "q": text[:end], "cursor": end})
            await self.get("completion", f"/search/complete/?{query}", self.part, "/leads/")
            await asyncio.sleep(TYPING)
        self.list = await self.visit("search", f"/leads/?q={quote(text)}")

    async def open_lead(self) -> None:
        leads = LEAD.findall(self.list)
        if not leads:
            return await self.browse()
        await self.visit("lead", unescape(self.chance.choice(leads).decode()))
        return None

    async def texts(self) -> None:
        text = self.chance.choice(self.text_searches)
        await self.visit("texts", f"/messages/?q={quote(text)}" if text else "/messages/")

    async def open_text(self) -> None:
        page = await self.visit("texts", "/messages/?q=status:error")
        if found := TEXT.findall(page):
            await self.visit("text", unescape(self.chance.choice(found).decode()))

    async def inbox(self) -> None:
        page = await self.visit("inbox", "/inbox/")
        if found := THREAD.search(page):
            await self.get("conversation", unescape(found[1].decode()), self.part, "/inbox/")

    async def visit(self, kind: str, path: str) -> bytes:
        """Open a page, load its parts, and read it. Return the page."""
        response = await self.get(kind, path, self.page)
        body = response.body if response else b""
        read_until = perf_counter() + self.chance.uniform(*self.think)
        parts = [(found, 0) for found in PART.findall(body)]
        for _ in range(MOST_PARTS):
            if not parts:
                break
            (address, trigger), turn = parts.pop(0)
            delay = self.delay(trigger)
            if perf_counter() + delay > read_until:
                continue
            await asyncio.sleep(delay)
            target = unescape(address.decode())
            target = target if target.startswith("/") else path.partition("?")[0] + target
            name = f"part {target.partition('?')[0].rstrip('/').rpartition('/')[2]}"
            part = await self.get(name, target, self.part, path)
            if part and part.status == 200:
                parts += [(found, turn + 1) for found in PART.findall(part.body)]
        await asyncio.sleep(max(0.0, read_until - perf_counter()))
        return body

    @staticmethod
    def delay(trigger: bytes) -> float:
        """Return the seconds that htmx waits for this trigger."""
        found = DELAY.search(trigger)
        return float(found[1]) / (1_000 if found[2] else 1) if found else 0.0

    async def get(
        self, kind: str, path: str, connection: Connection, page: str = ""
    ) -> Response | None:
        """Return the response, or None for an error, which is counted."""
        headers = {"Cookie": self.cookie, **ENCODING}
        if page:
            address = f"https://localhost:{self.port}{page}"
            headers |= {"HX-Request": "true", "HX-Current-URL": address}
        try:
            response = await connection.request("GET", path, headers)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.measured.errors[f"{kind}: {type(error).__name__}"] += 1
            return None
        self.measured.seconds[kind].append(response.seconds)
        if response.status >= 300 and response.status != 429:
            self.measured.errors[f"{kind}: {response.status} {path[:80]}"] += 1
        elif response.status == 429:
            self.measured.errors[f"{kind}: 429, try again"] += 1
        return response


async def main() -> None:
    configuration = json.loads(sys.stdin.readline())
    measured = Measured()
    until = perf_counter() + configuration["seconds"]
    people = [
        Person(configuration, number, measured) for number in range(len(configuration["cookies"]))
    ]
    await asyncio.gather(*(person.work(until) for person in people))
    sys.stdout.write(measured.as_json())


if __name__ == "__main__":
    asyncio.run(main())
